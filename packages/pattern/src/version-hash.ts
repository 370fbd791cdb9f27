/**
 * The identity of a version: a hash of what can change matches or output lines.
 *
 *   VH1  Layout, labels, names of job, pattern and groups, tests, rates, sink, checkpointing, restart, parallelism and
 *        limits do not count; nor do ids of nodes and the order of `nodes` and `edges`, which the chain replaces.
 *   VH2  Everything else counts: fields and time, source, out-of-orderness, the chain with its conditions, windows,
 *        after-match strategy, key, tie-break, outputs. What was added to the notation later counts only where it is
 *        used, so that versions from before keep their hash.
 *
 * Always  synchronous and the same on every host. Defined for drafts as well (a broken chain counts as it is).
 * Source  DESIGN.md §6, "Draft, version, job".
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { type ChainLevel, chainOf } from './chain.ts';
import type { JobDocument, PatternNode } from './document.ts';

/** JSON with sorted keys and without undefined members: equal values give equal text. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value).filter(([, item]) => item !== undefined).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(',')}}`;
}

/** sha256 in hexadecimal. */
export function versionHash(document: JobDocument): string {
  const { schema, source, outOfOrdernessMs, timeDomain, idlenessMs, patterns } = document;
  const { rate, ...input } = source ?? { rate: null };
  void rate;
  const meaning = {
    version: document.version,
    schema,
    source: source && input,
    outOfOrdernessMs,
    idlenessMs,
    timeDomain: timeDomain === 'PROCESSING_TIME' ? timeDomain : undefined,
    patterns: patterns.map(({ id, window, afterMatchStrategy, key, tieBreak, advanceEveryKey, output, ...graph }) =>
      ({ id, window, afterMatchStrategy, key, tieBreak: tieBreak?.length ? tieBreak : undefined, advanceEveryKey, output, chain: chainMeaning(graph) })),
  };
  return bytesToHex(sha256(utf8ToBytes(canonicalJson(meaning))));
}

const chainMeaning = (level: ChainLevel): unknown =>
  chainOf(level, '$', null, () => false).entries.map(({ node, edge }) => ({ link: edge?.type ?? null, ...nodeMeaning(node) }));

function nodeMeaning(node: PatternNode): Record<string, unknown> {
  const { type, quantifier, window } = node;
  return type === 'COMPOSITE'
    ? { quantifier, window, group: chainMeaning(node) }
    : { name: node.name, quantifier, window, condition: node.condition };
}
