import { describe, expect, it } from 'vitest';
import * as fc from 'fast-check';
import type { Proposal } from '@tidemark/protocol';
import { correctionOf, estimatedRecords, pacedRate, problemsOf, schemaOf, withIncluded, withKey, withLateness, withTime, withType } from './correction.ts';

const field = (name: string, type: Proposal['fields'][number]['type'] = 'string', optional = false): Proposal['fields'][number] =>
  ({ name, type, optional, presence: 1, distinct: 3, top: [], min: null, max: null, reason: '' });
const time = (name: string, format: Proposal['time'][number]['format'] = 'iso8601', outOfOrdernessMs = 0): Proposal['time'][number] =>
  ({ field: name, format, score: 1, reason: '', inOrder: outOfOrdernessMs === 0, outOfOrdernessMs });
const proposal: Proposal = {
  schema: null, fields: [field('at'), field('user'), field('amount', 'double', true)], time: [time('at', 'iso8601', 2_000), time('amount', 'epoch-s')],
  key: [{ field: 'user', score: 0.8, distinct: 3, reason: '' }], records: 10, undecodable: 0,
};

describe('correction', () => {
  it('[DC1] takes the best time, its disorder and a well-founded key', () => {
    const correction = correctionOf(proposal);
    expect(correction).toMatchObject({ time: { field: 'at', format: 'iso8601' }, key: ['user'], outOfOrdernessMs: 2_000 });
    expect(schemaOf(correction)).toEqual({
      fields: [{ name: 'at', type: 'int' }, { name: 'user', type: 'string' }, { name: 'amount', type: 'double', optional: true }],
      time: { field: 'at', format: 'iso8601' },
    });
    expect(correctionOf({ ...proposal, key: [{ field: 'user', score: 0.2, distinct: 9, reason: '' }] }).key).toEqual([]);
  });

  it('[DC2] says what is missing instead of giving a schema', () => {
    const none = correctionOf({ ...proposal, time: [], key: [] });
    expect([problemsOf(none).map((problem) => problem.code), schemaOf(none)]).toEqual([['no-time'], null]);
    const chosen = withTime(none, 'user', { ...proposal, time: [] });
    expect(chosen.time).toEqual({ field: 'user', format: 'epoch-ms' });
    expect(schemaOf(chosen)).not.toBeNull();
    expect(problemsOf(withLateness(chosen, -1)).map((problem) => problem.code)).toEqual(['lateness']);
  });

  it('[DC3] a field left out leaves the key, and the time field cannot be left out', () => {
    const correction = correctionOf(proposal);
    expect(withIncluded(correction, 'at', false)).toBe(correction);
    const without = withIncluded(correction, 'user', false);
    expect(without.key).toEqual([]);
    expect(withKey(without, ['user', 'at', 'amount', 'amount']).key).toEqual(['amount']);
  });

  it('[DC1][DC2][DC3] after any corrections: a schema iff no problems, and it holds time and key', () => {
    const name = fc.constantFrom('at', 'user', 'amount', 'unknown');
    const step = fc.oneof(
      fc.record({ kind: fc.constant('time' as const), name: fc.option(name) }), fc.record({ kind: fc.constant('key' as const), names: fc.array(name, { maxLength: 3 }) }),
      fc.record({ kind: fc.constant('included' as const), name, included: fc.boolean() }), fc.record({ kind: fc.constant('type' as const), name }),
    );
    fc.assert(fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      let correction = correctionOf(proposal);
      for (const next of steps) {
        if (next.kind === 'time') correction = withTime(correction, next.name, proposal);
        else if (next.kind === 'key') correction = withKey(correction, next.names);
        else if (next.kind === 'included') correction = withIncluded(correction, next.name, next.included);
        else correction = withType(correction, next.name, 'double');
      }
      const schema = schemaOf(correction);
      expect(schema === null).toBe(problemsOf(correction).length > 0);
      if (!schema) return;
      const known = new Map(schema.fields.map((entry) => [entry.name, entry]));
      expect(known.get(schema.time.field)).toEqual({ name: schema.time.field, type: 'int' });
      for (const key of correction.key) expect(known.has(key)).toBe(true);
      expect(correction.key).not.toContain(schema.time.field);
    }));
  });

  it('paces a file to about two and a half minutes and estimates its length', () => {
    expect([pacedRate(22_695), pacedRate(3), pacedRate(0)]).toEqual([151, 1, 1]);
    expect([estimatedRecords(100, 1_000, 50_000), estimatedRecords(100, 0, 9), estimatedRecords(0, 10, 9)]).toEqual([5_000, 100, 0]);
  });
});
