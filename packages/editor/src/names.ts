/** Names and ids for what is new in a pattern. */
import { type PatternGraph, identifierLike } from '@tidemark/pattern';
import { type Level, allNodes } from './level.ts';

/** All names and ids in use. */
const namesOf = (graph: Level): Set<string> => new Set(allNodes(graph).map((node) => node.name));

/** `stage1`, `stage2`, …: the first that no stage or group has. */
export function newStageName(graph: PatternGraph, stem = 'stage'): string {
  const taken = namesOf(graph);
  for (let n = 1; ; n++) if (!taken.has(`${stem}${n}`)) return `${stem}${n}`;
}

/** A name near `wanted` that is free: itself, else with a number after it. */
export function freeName(graph: Level, wanted: string, alsoTaken: Iterable<string> = []): string {
  const taken = new Set([...namesOf(graph), ...alsoTaken]);
  return taken.has(wanted) ? identifierLike(wanted.replace(/\d+$/, '') || wanted, taken) : wanted;
}

/**
 * An id for a new node, from random or counted text that the caller brings (the editor asks no machine):
 * `freshId(document, 's', () => crypto.randomUUID().slice(0, 8))`.
 */
export function freshId(document: { readonly patterns: readonly Level[] }, prefix: string, next: () => string): string {
  const taken = new Set(document.patterns.flatMap((pattern) => allNodes(pattern).map((node) => node.id)));
  for (;;) {
    const id = `${prefix}${next()}`.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, 64);
    if (!taken.has(id)) return id;
  }
}

/** An id for a new pattern: `p2`, `p3`, …, the first that none has. */
export function newPatternId(document: { readonly patterns: readonly { readonly id: string }[] }): string {
  const known = new Set(document.patterns.map(({ id }) => id));
  for (let n = document.patterns.length + 1; ; n += 1) if (!known.has(`p${n}`)) return `p${n}`;
}

/** Why a stage may not be called so, or null. */
export function nameRefusal(graph: PatternGraph, id: string, name: string): 'name-empty' | 'name-too-long' | 'name-taken' | null {
  if (name.trim() === '') return 'name-empty';
  if (name.length > 128) return 'name-too-long';
  return allNodes(graph).some((node) => node.id !== id && node.name === name) ? 'name-taken' : null;
}
