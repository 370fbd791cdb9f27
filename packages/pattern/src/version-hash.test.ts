import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JobDocument } from './document.ts';
import { group, job, level, loop, seconds, stage } from '../test/document-under-test.ts';
import { canonicalJson, versionHash } from './version-hash.ts';

const steps = [stage('a', { where: "event.name == 'a'" }), group('g', [stage('b'), stage('c')]), stage('d', loop(2))];
const document = job(steps, {}, { source: { kind: 'file', path: 'x.csv', format: 'csv' } });
const pattern = document.patterns[0] as JobDocument['patterns'][number];
const changed = (change: Partial<JobDocument>): boolean => versionHash({ ...document, ...change }) !== versionHash(document);
const patternChanged = (change: Partial<typeof pattern>): boolean => changed({ patterns: [{ ...pattern, ...change }] });

describe('versionHash', () => {
  it('[VH1] leaves out what changes no match and no line', () => {
    expect(versionHash(document)).toMatch(/^[0-9a-f]{64}$/);
    expect(changed({ id: 'k', name: 'K', label: { en: 'L' }, layout: { p: { id_a: { x: 1, y: 2 } } }, parallelism: 7, maxParallelism: 256, limits: { ...document.limits, matchesPerEvent: 1 } })).toBe(false);
    expect(changed({ tests: [{ id: 't', name: 't', expectMatches: 0, events: [] }], checkpointing: { ...document.checkpointing, intervalMs: 60 }, restart: { ...document.restart, attempts: 1 }, sink: { kind: 'file', path: 'o' } })).toBe(false);
    expect(changed({ source: { kind: 'file', path: 'x.csv', format: 'csv', rate: { kind: 'per-second', events: 5 } } })).toBe(false);
    expect(patternChanged({ name: 'other', label: { zh: '别名' } })).toBe(false);
    const { nodes, edges } = level(steps);
    expect(versionHash(job([], { nodes: nodes.toReversed(), edges: edges.toReversed() }, { source: document.source }))).toBe(versionHash(document));
  });
  it('[VH2] counts everything else', () => {
    expect(changed({ outOfOrdernessMs: 5 })).toBe(true);
    expect(changed({ source: { kind: 'file', path: 'y.csv', format: 'csv', rate: { kind: 'unlimited' } } })).toBe(true);
    expect(changed({ schema: null })).toBe(true);
    expect(changed({ idlenessMs: 500 })).toBe(true);
    expect(changed({ timeDomain: 'PROCESSING_TIME' })).toBe(true);
    expect(changed({ timeDomain: 'EVENT_TIME' })).toBe(false);
    expect(patternChanged({ key: ['name'] })).toBe(true);
    expect(patternChanged({ window: seconds(11) })).toBe(true);
    expect(patternChanged({ advanceEveryKey: true })).toBe(true);
    expect(patternChanged({ tieBreak: [{ field: 'id', order: 'ASC' }] })).toBe(true);
    expect(patternChanged({ tieBreak: [] })).toBe(false);
    expect(patternChanged({ output: { ...pattern.output, text: 'x' } })).toBe(true);
    expect(patternChanged({ afterMatchStrategy: { ...pattern.afterMatchStrategy, type: 'SKIP_TO_NEXT' } })).toBe(true);
    expect(patternChanged({ edges: pattern.edges.map((edge) => ({ ...edge, type: 'STRICT' as const })) })).toBe(true);
    expect(patternChanged({ nodes: pattern.nodes.map((node) => (node.name === 'd' ? { ...node, name: 'e' } : node)) })).toBe(true);
    expect(patternChanged({ nodes: pattern.nodes.map((node) => (node.type === 'COMPOSITE' ? { ...node, nodes: [] } : node)) })).toBe(true);
  });
  it('[VH3] canonical text is equal iff values are equal, whatever the order of keys', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => {
      expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      const turned = (item: unknown): unknown => (Array.isArray(item) ? item.map(turned)
        : typeof item === 'object' && item !== null ? Object.fromEntries(Object.entries(item).toReversed().map(([key, member]) => [key, turned(member)])) : item);
      expect(canonicalJson(turned(value))).toBe(canonicalJson(value));
    }), { numRuns: 200 });
  });
});
