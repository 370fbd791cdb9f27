import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventBatch, type EventSchema, appendObject } from '@tidemark/event';
import { checkCondition, checkTemplate, compileCondition, compileKernel, CostExceeded, completions, EVALUATION_BUDGET, type EvaluationContext, rename, RowList } from './index.ts';

const schema: EventSchema = { fields: [{ name: 'ts', type: 'int' }, { name: 'name', type: 'string' }], time: { field: 'ts', format: 'epoch-ms' } };
const scope = { schema, stages: ['a'], hasEvent: true };

function code(text: string): string {
  const checked = checkCondition(text, scope);
  return checked.ok ? 'ok' : (checked.issues[0]?.code as string);
}

describe('hostile conditions', () => {
  it('[LM1] takes long chains and refuses long or deep texts', () => {
    expect(code(Array.from({ length: 300 }, (_, i) => `event.ts == ${i}`).join(' || '))).toBe('ok');
    expect(code(`event.name == '${'x'.repeat(10_000)}'`)).toBe('text-too-long');
    expect(code(`event.name == '${'语'.repeat(4000)}'`)).toBe('text-too-long');
    expect(code(`${'('.repeat(4000)}true${')'.repeat(4000)}`)).toBe('too-deep');
    expect(code(`${'!'.repeat(9000)}true`)).toBe('too-deep');
    expect(code(`${'!'.repeat(100)}true`)).toBe('too-deep');
    expect(code(`${'-'.repeat(9000)}1 == 1`)).toBe('too-deep');
    expect(code(`${'['.repeat(3000)}${']'.repeat(3000)} == []`)).toBe('too-deep');
    expect(code(`1${' + 1'.repeat(2000)} > 1`)).toBe('too-deep');
    expect(code(`true${' ? true : true'.repeat(600)}`)).toBe('too-deep');
    expect(code(`event.name${'.trim()'.repeat(1000)} == ''`)).toBe('too-deep');
    expect(code(`1 in [${'1,'.repeat(4500)}1]`)).toBe('syntax-error');
  });

  it('[LM2] treats the names of the host language as names', () => {
    for (const name of ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf', '__defineGetter__']) {
      for (const text of [`event.${name} == 'x'`, `event['${name}'] == 'x'`, `'${name}' in event`, `has(event.${name})`, `${name} == 1`, `${name}(1) == 1`, `event.name.${name}() == 'x'`, `a.${name} == 1`, `stage('${name}')[0].ts == 1`, `a.exists(${name}, true) && a.nope`]) {
        const checked = checkCondition(text, scope);
        expect(checked.ok, text).toBe(false);
      }
      expect(rename(`${name}[0].ts == 1`, name, 'b')).toBeTypeOf('string');
    }
  });

  it('[LM2] gives an answer to any text, at any place', () => {
    const pieces = fc.constantFrom("'", '"', '(', ')', '[', ']', '{', '}', '.', ',', '?', ':', '!', '&&', '||', '==', 'in', 'event', 'a', '.map(e,', 'stage(', ' ', '1', '1.5', '\\', '\n', '//', "r'", '"""', '価', '😀', '-', '%', 'has(', 'null');
    const text = fc.oneof(fc.string({ maxLength: 60 }), fc.array(pieces, { maxLength: 25 }).map((parts) => parts.join('')));
    fc.assert(fc.property(text, fc.nat(80), (written, place) => {
      const checked = checkCondition(written, scope);
      if (!checked.ok) {
        for (const issue of checked.issues) {
          expect(issue.start).toBeGreaterThanOrEqual(0);
          expect(issue.end).toBeGreaterThanOrEqual(issue.start);
          expect(issue.end).toBeLessThanOrEqual(written.length);
        }
      }
      checkTemplate(written, { ...scope, hasEvent: false });
      for (const completion of completions(written, place, scope)) expect(completion.from).toBeLessThanOrEqual(completion.to);
      expect(rename(written, 'nowhere', 'b')).toBe(written);
    }), { numRuns: 1500 });
  });

  it('[LM4] stops what costs too much, and nothing absorbs that', () => {
    const list = `[${Array.from({ length: 200 }, (_, i) => i).join(',')}]`;
    const slow = checkCondition(`event.ts < 0 || ${list}.exists(x, ${list}.exists(y, ${list}.exists(z, x + y + z > 100000)))`, scope);
    if (!slow.ok) throw new Error(JSON.stringify(slow.issues));
    const batch = new EventBatch(schema, 4);
    appendObject(batch, { ts: 1, name: 'x' }, 1, 0);
    const rows = new RowList();
    const context: EvaluationContext = { batch, row: 0, retained: batch, rows: () => rows, budget: EVALUATION_BUDGET };
    expect(() => compileCondition(slow.condition, scope).evaluate(context)).toThrow(CostExceeded);
    appendObject(batch, { ts: -1, name: 'x' }, 1, 1);
    const kernel = compileKernel(slow.condition, schema);
    // That row is decided without the list: && and || ask the costly part only where there is doubt.
    expect(() => { kernel(batch, 1, 2, new Uint8Array(4)); }).not.toThrow();
    expect(() => { kernel(batch, 0, 2, new Uint8Array(4)); }).toThrow(expect.objectContaining({ name: 'CostExceeded', row: 0 }));
  });

  it('[LM4] bounds texts that double', () => {
    let text = '[event.name]';
    for (let i = 0; i < 12; i++) text += `.map(x, x + x + x + x)`;
    const checked = checkCondition(`${text}[0] == 'x'`, scope);
    if (!checked.ok) throw new Error(JSON.stringify(checked.issues));
    const batch = new EventBatch(schema, 4);
    appendObject(batch, { ts: 1, name: 'abcdefgh' }, 1, 0);
    const program = compileCondition(checked.condition, scope);
    expect(program.evaluate({ batch, row: 0, retained: batch, rows: () => new RowList(), budget: EVALUATION_BUDGET })).toBe(2);
    expect(program.error()).toMatchObject({ code: 'text-too-long' });
  });

  it('[LM5] a regular expression that explodes is stopped, one that does not is not, and long blanks are trimmed at once', () => {
    const abc = Array.from({ length: 60_000 }, (_, i) => 'abc'[(Math.imul(i, 2_654_435_761) >>> 13) % 3]).join('');
    const outcome = (text: string, name: string): string | boolean => {
      const checked = checkCondition(text, scope);
      if (!checked.ok) throw new Error(JSON.stringify(checked.issues));
      const batch = new EventBatch(schema, 1);
      appendObject(batch, { ts: 1, name }, 1, 0);
      const out = new Uint8Array(1);
      try {
        compileKernel(checked.condition, schema)(batch, 0, 1, out);
        return out[0] === 1;
      } catch (error) {
        return error instanceof CostExceeded ? `${error.name} at row ${error.row}` : String(error);
      }
    };
    // Each of the last hundreds of characters may be where it began: a new state for each of them.
    expect(outcome("event.name.matches('[abc]*a[abc]{400}[0-9]')", abc)).toBe('CostExceeded at row 0');
    expect(outcome("event.name.matches('(.*a.{400}b|.*b.{400}a|.{900})$z')", `${abc}z`)).toBe('CostExceeded at row 0');
    // The host's would try 2^30000 ways.
    expect(outcome("event.name.matches('^(a+)+$')", `${'a'.repeat(60_000)}!`)).toBe(false);
    expect(outcome("event.name.matches('(powershell|cmd|wscript)[.]exe')", `${abc}cmd.exe`)).toBe(true);
    expect(outcome("event.name.matches('[0-9]{1,3}[.][0-9]{1,3}[.][0-9]{1,3}[.][0-9]{1,3}')", `${abc} 10.0.0.1`)).toBe(true);
    expect(outcome("event.name.trim() == 'x y'", `x${' '.repeat(200_000)}y`)).toBe(false);
    expect(outcome("event.name.trim() == 'x y'", `${'\u2003 '.repeat(50_000)}x y\n`)).toBe(true);
  });

  it('[LM3] runs where no text may become code', () => {
    const script = `
      const { checkCondition, compileKernel, compilePredicate, RowList } = await import(${JSON.stringify(new URL('./index.ts', import.meta.url).href)});
      const { EventBatch, appendObject } = await import(${JSON.stringify(new URL('../../event/src/index.ts', import.meta.url).href)});
      const schema = ${JSON.stringify(schema)};
      const batch = new EventBatch(schema, 8);
      for (let i = 0; i < 4; i++) appendObject(batch, { ts: i, name: 'n' + i }, i, i);
      const scope = { schema, stages: ['a'], hasEvent: true };
      const own = checkCondition("event.name.matches('^n[13]$') && event.ts * 2 > 1", scope);
      const out = new Uint8Array(4);
      compileKernel(own.condition, schema)(batch, 0, 4, out);
      const other = checkCondition('sum(a.map(x, x.ts)) > 2.0 && a[0].name != event.name', scope);
      const rows = new RowList().set([1, 2]);
      const value = compilePredicate(other.condition, scope)({ batch, row: 3, retained: batch, rows: () => rows, budget: 1000 });
      let refused = false;
      try { (0, eval)('1'); } catch { refused = true; }
      console.log(JSON.stringify({ out: [...out], value, refused }));
    `;
    const run = spawnSync(process.execPath, ['--disallow-code-generation-from-strings', '--input-type=module', '--eval', script], { encoding: 'utf8', cwd: fileURLToPath(new URL('..', import.meta.url)) });
    expect(run.stderr).toBe('');
    expect(JSON.parse(run.stdout)).toEqual({ out: [0, 1, 0, 1], value: true, refused: true });
  });
});
