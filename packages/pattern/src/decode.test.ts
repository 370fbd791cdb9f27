import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DOCUMENT_BYTES_MAX, decodeDocument } from './decode.ts';
import { job, stage } from '../test/document-under-test.ts';
import { syntaxError } from './json-syntax.ts';
import { migrate } from './migrate.ts';

const refused = (json: unknown) => {
  const decoded = decodeDocument(json);
  if (decoded.ok) throw new Error('decoded');
  return decoded.issues.map((issue) => [issue.code, issue.path, issue.nodeId]);
};
const minimal = { format: 'tidemark-job', version: 1, id: 'j', name: 'J', patterns: [] };

describe('decodeDocument', () => {
  it('[DE1] reads text and value alike and fills in defaults', () => {
    const decoded = decodeDocument(JSON.stringify(minimal));
    expect(decoded).toEqual(decodeDocument(minimal));
    expect(decoded).toMatchObject({ ok: true, document: { parallelism: 2, checkpointing: { intervalMs: 10_000 }, sink: { kind: 'file' } } });
    expect(decodeDocument(`\ufeff${JSON.stringify(minimal)}`).ok).toBe(true);
  });

  it('[DE1] a document from before a limit existed gets its default', () => {
    const decoded = decodeDocument({ ...minimal, limits: { partialMatchesPerJob: 5, partialMatchesPerKey: 4, matchesPerEvent: 3 } });
    expect(decoded).toMatchObject({ ok: true, document: { limits: { partialMatchesPerJob: 5, stateBytesPerJob: 1_073_741_824, stateBytesPerKey: 268_435_456 } } });
  });

  it('[DE9] what has no place in a document does not hide what the rest of it means', () => {
    const document = job([stage('a', { where: 'event.nmae == 1' })], { key: ['usr'] });
    const decoded = decodeDocument({ ...document, colour: 'red', patterns: document.patterns.map((pattern) => ({ ...pattern, speed: 1 })) });
    if (decoded.ok) throw new Error('decoded');
    expect(decoded.issues.map(({ code, path }) => [code, path])).toEqual([['unknown-field', '$.patterns[0].speed'], ['unknown-field', '$.colour']]);
    expect(decoded.rest).toEqual(document);
    expect(decodeDocument({ ...document, colour: 'red', parallelism: 0 })).toMatchObject({ ok: false, rest: null });
    expect(decodeDocument('{')).toMatchObject({ ok: false, rest: null });
  });

  it('[DE2] gives all issues at once, each with its path and the node it lies in', () => {
    expect(refused({
      ...minimal, id: 'j j', name: 3, parallelism: 0, more: 1, source: { kind: 'pigeon' },
      patterns: [{ id: 'p', name: 'P', edges: [], nodes: [
        { type: 'ATOMIC', id: 'a', nam: 'x', quantifier: { properties: ['TWICE'] } },
        { type: 'COMPOSITE', id: 'g', name: 'g', edges: [], nodes: [{ type: 'ATOMIC', id: 'inner' }] },
        { id: 'c', name: 'c' },
      ] }],
    }).toSorted()).toEqual([
      ['bad-format', '$.id', null], ['missing-field', '$.patterns[0].nodes[0].name', 'a'], ['missing-field', '$.patterns[0].nodes[1].nodes[0].name', 'inner'],
      ['missing-field', '$.patterns[0].nodes[2].type', 'c'], ['out-of-range', '$.parallelism', null], ['unknown-field', '$.more', null],
      ['unknown-field', '$.patterns[0].nodes[0].nam', 'a'], ['unknown-value', '$.patterns[0].nodes[0].quantifier.properties[0]', 'a'],
      ['unknown-value', '$.source.kind', null], ['wrong-type', '$.name', null],
    ]);
  });

  it('[DE3] refuses keys that JavaScript gives a meaning, wherever they stand, and lets none through', () => {
    const text = '{"format":"tidemark-job","version":1,"id":"j","name":"J","patterns":[],"tests":[{"id":"t","name":"t","expectMatches":0,"events":[{"__proto__":{"x":1}},{"constructor":1}]}],"layout":{"prototype":{}}}';
    expect(refused(text).map(([code, path]) => [code, path])).toEqual([
      ['prototype-key', '$.tests[0].events[0].__proto__'], ['prototype-key', '$.tests[0].events[1].constructor'], ['prototype-key', '$.layout.prototype'],
    ]);
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });

  it('[DE4] refuses what is too large, too deep, or has no end', () => {
    expect(refused(`"${'x'.repeat(DOCUMENT_BYTES_MAX)}"`)).toEqual([['document-too-large', '$', null]]);
    expect(refused({ ...minimal, name: 'x'.repeat(DOCUMENT_BYTES_MAX) })).toEqual([['document-too-large', '$', null]]);
    const cycle: Record<string, unknown> = { ...minimal };
    cycle['self'] = cycle;
    expect(refused(cycle).map(([code]) => code)).toEqual(['too-deep']);
    expect(refused('['.repeat(5_000) + ']'.repeat(5_000)).map(([code]) => code)).toEqual(['too-deep']);
  });

  it('[DE5] says where text is no JSON', () => {
    const decoded = decodeDocument('{"a": 1,\n "b": }');
    expect(decoded).toMatchObject({ ok: false, issues: [{ code: 'not-json', values: { line: 2, column: 7 } }] });
    expect(refused('').map(([code]) => code)).toEqual(['not-json']);
    const place = (text: string) => { const { reason, line, column } = syntaxError(text); return `${reason} ${line}:${column}`; };
    expect(['{"a":1,}', '[1 2]', '{"a" 1}', '{a:1}', '"open', '[1]]', '{"a":tru}', '', '[01]', '\n\n nul'].map(place)).toEqual([
      'unexpected } 1:8', 'unexpected 2 1:4', 'unexpected 1 1:6', 'unexpected a 1:2', 'unexpected "open 1:1', 'unexpected ] 1:4', 'unexpected tru 1:6',
      'unexpected end 1:1', 'unexpected 1 1:3', 'unexpected nul 3:2',
    ]);
  });

  it('[DE5] finds a fault in every text that JSON.parse refuses, and before it only what could go on', () => {
    fc.assert(fc.property(fc.json({ maxDepth: 3 }), fc.nat(), fc.constantFrom('', '}', ']', ',', '"', 'x', '\\', '1'), (json, where, put) => {
      const at = where % (json.length + 1);
      const text = json.slice(0, at) + put + json.slice(at + 1);
      try { JSON.parse(text); return; } catch { /* goes on */ }
      const { line, column } = syntaxError(text);
      expect([line >= 1, column >= 1, line <= text.split('\n').length]).toEqual([true, true, true]);
    }), { numRuns: 300 });
  });

  it('[DE6] refuses another format, an unknown and a newer version by name', () => {
    expect(refused([])).toEqual([['not-an-object', '$', null]]);
    expect(refused(null)).toEqual([['not-an-object', '$', null]]);
    expect(refused({ nodes: [] })).toEqual([['not-a-job-document', '$.format', null]]);
    expect(refused({ ...minimal, version: 2 })).toEqual([['newer-version', '$.version', null]]);
    expect(refused({ ...minimal, version: '1' })).toEqual([['unknown-version', '$.version', null]]);
    expect(refused({ ...minimal, version: -1 })).toEqual([['unknown-version', '$.version', null]]);
    expect(refused({ ...minimal, version: undefined })).toEqual([['unknown-version', '$.version', null]]);
  });

  it('[DE7] refuses ids given twice: patterns, tests, nodes of one pattern with its groups', () => {
    const node = (id: string) => ({ type: 'ATOMIC', id, name: id });
    expect(refused({
      ...minimal,
      tests: [{ id: 't', name: 't', expectMatches: 0 }, { id: 't', name: 'u', expectMatches: 0 }],
      patterns: [
        { id: 'p', name: 'P', edges: [], nodes: [node('a'), { type: 'COMPOSITE', id: 'g', name: 'g', edges: [], nodes: [node('a')] }] },
        { id: 'p', name: 'Q', edges: [], nodes: [node('a')] },
      ],
    })).toEqual([
      ['duplicate-id', '$.patterns[0].nodes[1].nodes[0].id', 'a'], ['duplicate-id', '$.patterns[1].id', null], ['duplicate-id', '$.tests[1].id', null],
    ]);
  });

  it('[DE8] never throws, and what it decodes decodes again to the same', () => {
    fc.assert(fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
      decodeDocument(value);
      decodeDocument({ ...minimal, patterns: value });
      decodeDocument({ ...minimal, patterns: [{ id: 'p', name: 'P', nodes: value, edges: [] }] });
    }), { numRuns: 200 });
    fc.assert(fc.property(fc.string(), (text) => { decodeDocument(text); }), { numRuns: 200 });
    const document = job([stage('a'), stage('b')]);
    expect(decodeDocument(JSON.stringify(document))).toEqual({ ok: true, document, migrations: [] });
  });
});

describe('migrations', () => {
  const registry = [
    { name: 'pattern-into-list', from: -1, migrate: ({ pattern, ...rest }: { readonly [key: string]: never }) => ({ ...rest, patterns: pattern ? [pattern] : [] }) },
    { name: 'title-becomes-name', from: 0, migrate: ({ title, ...rest }: { readonly [key: string]: never }) => ({ ...rest, name: title }) },
  ] as never;

  it('[MI1] applies the named steps in order and says which', () => {
    const old = Object.freeze({ format: 'tidemark-job', version: -1, id: 'j', title: 'J' });
    expect(decodeDocument(old, { migrations: registry })).toMatchObject({ ok: true, document: { version: 1, name: 'J', patterns: [] }, migrations: ['pattern-into-list', 'title-becomes-name'] });
  });
  it('[MI2] does nothing to the newest version and refuses where a step is missing', () => {
    expect(migrate(minimal, 1, registry)).toEqual({ ok: true, document: minimal, applied: [] });
    expect(migrate({ ...minimal, version: -2 }, 1, registry)).toEqual({ ok: false });
    expect(migrate({ ...minimal, version: 0.5 }, 1, registry)).toEqual({ ok: false });
  });
});
