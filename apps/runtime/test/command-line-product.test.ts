/** The command line as a careful person uses it: every command as a process of its own. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { TEMPLATES, type Template, type TemplateId, zJobDocument } from '@tidemark/pattern';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { unreadable } from '../src/cli/job-file.ts';
import { type Outcome, Workplace, sorted, templateDocument, templatePath } from './support/command.ts';
import { expectSameLines } from './support/same-lines.ts';

const place = new Workplace();
afterAll(() => place.remove());

const template = (id: TemplateId): Template => TEMPLATES.find((one) => one.id === id) as Template;
const startMiddle = template('start-middle');
const sample = templatePath(startMiddle);
beforeAll(() => {
  place.file('job.json', JSON.stringify(templateDocument(startMiddle)));
  place.directory('folder');
});

/** One after the other in two lanes: a command takes most of a core. */
async function each<T>(cases: readonly T[], check: (one: T) => Promise<void>): Promise<void> {
  const waiting = [...cases];
  await Promise.all([0, 1].map(async () => {
    for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) await check(one);
  }));
}

/** A person never reads a stack. */
function expectPlain({ err }: Outcome): void {
  expect(err).not.toMatch(/\n\s+at |Error:|ERR_|errno|\[object/);
  expect(err.trim()).not.toBe('');
}

describe('usage', () => {
  const cases: readonly (readonly [words: readonly string[], says: string])[] = [
    [[], 'Which command?'],
    [['dance'], 'There is no command "dance".'],
    [['serve', 'x'], '"serve" takes no file.'],
    [['validate'], '"validate" needs a job document.'],
    [['validate', 'job.json', 'b.json'], '"validate" takes one job document, and there are 2 names.'],
    [['match', 'job.json', '--events'], "Option '--events <value>' argument missing."],
    [['match', 'job.json', '--events', ''], '--events is empty.'],
    [['match', 'job.json', '--events', sample, '--events', sample], '--events stands there twice.'],
    [['run', 'job.json', '--side-outputs'], "Unknown option '--side-outputs'."],
  ];
  it('[CL6] a wrong command line is one sentence and how it is written, and exit code 2', async () => {
    await each(cases, async ([words, says]) => {
      const outcome = await place.tidemark(words);
      expect([words, outcome.code, outcome.out, outcome.err.split('\n')[0]]).toEqual([words, 2, '', says]);
      expectPlain(outcome);
      expect(outcome.err).toContain(`tidemark ${['serve', 'schema', 'validate', 'match', 'run'].find((name) => name === words[0]) ?? 'serve'} `);
    });
  });

  it('[CL6] help and version are no errors', async () => {
    const [help, one, version] = await Promise.all([place.tidemark(['help']), place.tidemark(['match', '--help']), place.tidemark(['--version'])]);
    expect([help.code, one.code, version.code]).toEqual([0, 0, 0]);
    for (const name of ['serve', 'validate', 'match', 'run', 'schema']) expect(help.out).toContain(`tidemark ${name}`);
    expect(one.out).toMatch(/^tidemark match JOB\.json/);
    expect(version.out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe('npm', () => {
  it('[CL13] names of files are meant from where the person stands, though npm goes into its package', async () => {
    const { code, err } = await place.tidemark(['validate', 'job.json'], { cwd: '/', env: { npm_lifecycle_event: 'tidemark', INIT_CWD: place.path } });
    expect([code, err]).toEqual([0, 'job.json is valid\n']);
  });
});

describe('documents', () => {
  const [start, middle] = (templateDocument(startMiddle).patterns[0] as { nodes: readonly object[] }).nodes as [Record<string, unknown>, Record<string, unknown>];
  const pattern = templateDocument(startMiddle).patterns[0] as object;
  const wrong = JSON.stringify({
    ...templateDocument(startMiddle),
    patterns: [{ ...pattern, key: ['nobody'], nodes: [{ ...start, condition: { type: 'CEL', expression: 'event.nme == 1' } }, { ...middle, name: 'start' }] }],
  });

  it('[CL6][CL2] what cannot be read or is no document is said with its place, exit code 1', async () => {
    place.file('broken.json', '{"format":"tidemark-job",\n "version": 1,\n "id": }');
    place.file('empty.json', '');
    place.file('other.json', '{"a":1}');
    place.file('null.json', 'null');
    place.file('binary.json', Buffer.from([0xff, 0xfe, 0x00]));
    place.file('newer.json', JSON.stringify({ ...templateDocument(startMiddle), version: 99 }));
    place.file('wrong.json', wrong);
    const cases: readonly (readonly [words: readonly string[], ...says: string[]])[] = [
      [['validate', 'missing.json'], 'missing.json: there is no such file'],
      [['validate', 'job.json/x'], 'job.json/x: there is no such file'],
      [['validate', 'folder'], 'folder: this is a directory, not a file'],
      [['match', 'missing.json', '--events', sample], 'missing.json: there is no such file'],
      [['run', 'folder'], 'folder: this is a directory, not a file'],
      [['validate', 'broken.json'], 'broken.json: error not-json at $', '(line 3, column 8)', '1 error in broken.json'],
      [['validate', 'empty.json'], 'unexpected end (line 1, column 1)'],
      [['validate', 'binary.json'], '(line 1, column 1)'],
      [['validate', 'other.json'], 'other.json: error not-a-job-document at $.format'],
      [['validate', 'null.json'], 'error not-an-object at $'],
      [['validate', 'newer.json'], 'error newer-version at $.version'],
      ...['validate', 'run'].map((name) => [[name, 'wrong.json'],
        'error duplicate-stage-name at $.patterns[0].nodes[1].name, node s2',
        'error unknown-field at $.patterns[0].nodes[0].condition.expression, node s1, characters 6 to 9\n  Events have no field nme.\n  Did you mean name?',
        'error unknown-key-field at $.patterns[0].key[0]',
        'error unknown-name at $.patterns[0].output.text, characters 33 to 39',
        '4 errors in wrong.json'] as const),
    ];
    await each(cases, async ([words, ...says]) => {
      const outcome = await place.tidemark(words);
      expect([words, outcome.code, outcome.out]).toEqual([words, 1, '']);
      for (const sentence of says) expect(outcome.err).toContain(sentence);
      expectPlain(outcome);
    });
  });

  it('[CL6] a file that may not be read is said so', () => {
    expect(unreadable({ code: 'EACCES' })).toBe('you may not read this file');
  });

  it('[CL2] a valid document is 0, with or without a source; a byte-order mark is nothing', async () => {
    place.file('mark.json', `\u{feff}${JSON.stringify(templateDocument(startMiddle))}`);
    place.file('draft.json', JSON.stringify({ ...templateDocument(startMiddle), source: null }));
    const [valid, marked, draft, run] = await Promise.all([
      place.tidemark(['validate', 'job.json']), place.tidemark(['validate', 'mark.json']), place.tidemark(['validate', 'draft.json']), place.tidemark(['run', 'draft.json']),
    ]);
    expect([valid.code, valid.err]).toEqual([0, 'job.json is valid\n']);
    expect([marked.code, marked.err]).toEqual([0, 'mark.json is valid\n']);
    expect([draft.code, draft.err]).toEqual([0, 'draft.json is valid; to be deployed it needs a source as well\n']);
    expect([run.code, run.err.split('\n')[0]]).toEqual([1, 'draft.json: error no-source at $.source']);
  });

  it('[CL10] the JSON Schema accepts and refuses what the decoder does', async () => {
    const { code, out } = await place.tidemark(['schema']);
    expect(code).toBe(0);
    const schema = z.fromJSONSchema(JSON.parse(out));
    let [accepted, refused] = [0, 0];
    const compare = (document: unknown, what: string): void => {
      const expected = zJobDocument.safeParse(document).success;
      expect([what, schema.safeParse(document).success]).toEqual([what, expected]);
      if (expected) accepted += 1;
      else refused += 1;
    };
    for (const one of [startMiddle, template('failed-logins')]) {
      const document = JSON.parse(JSON.stringify(templateDocument(one))) as unknown;
      compare(document, one.id);
      // each member taken away, each value replaced by one of another kind, each object given a member too many
      const visit = (holder: any, path: string): void => {
        for (const name of Object.keys(holder)) {
          const value = holder[name];
          const here = `${one.id} ${path}.${name}`;
          for (const other of [7.5, -1, 'x y', true, null, [], {}, 'z'.repeat(20_000)]) {
            holder[name] = other;
            compare(document, `${here} = ${JSON.stringify(other).slice(0, 20)}`);
          }
          if (!Array.isArray(holder)) {
            delete holder[name];
            compare(document, `without ${here}`);
          }
          holder[name] = value;
          if (typeof value === 'object' && value !== null && !(path.endsWith('.tests') && Number(name) > 0)) visit(value, `${path}.${name}`);
        }
        if (Array.isArray(holder)) return;
        const kept = { ...holder };
        holder.surplus = 1;
        compare(document, `${one.id} ${path}.surplus`);
        delete holder.surplus;
        Object.assign(holder, kept);
      };
      visit(document, '$');
    }
    expect(accepted).toBeGreaterThan(100);
    expect(refused).toBeGreaterThan(1_000);
  });
});

describe('several patterns in one job', () => {
  it('[CL14] `match` and `run` put out the same lines: each pattern under its own key, a dead letter once, a late event for each that wants it', async () => {
    const fields = [{ name: 'ts', type: 'int' }, { name: 'id', type: 'int', optional: true }, { name: 'name', type: 'string' }] as const;
    const document = templateDocument(startMiddle, { schema: { fields: [...fields], time: { field: 'ts', format: 'epoch-ms' } } });
    const [pattern] = document.patterns;
    if (!pattern) throw new Error('a template has a pattern');
    const keys: readonly (readonly string[])[] = [['name'], ['name'], ['id', 'name'], []];
    place.file('several.json', JSON.stringify({
      ...document,
      patterns: keys.map((key, index) => ({ ...pattern, id: `p${index}`, key, nodes: pattern.nodes.map((node) => ({ ...node, condition: { type: 'CEL', expression: 'event.ts > 0' } })), output: { ...pattern.output, text: null, late: index > 1 } })),
    }));
    const lines = Array.from({ length: 400 }, (_, i) => JSON.stringify({ ts: 1_000 + i * 10 - (i % 50 === 9 ? 900 : 0), name: `n${i % 3}`, ...(i % 4 === 1 ? {} : { id: i % 2 }) }));
    const events = place.file('several.ndjson', [...lines.slice(0, 7), 'bad', '{"ts":1070}', ...lines.slice(7)].join('\n'));
    const [match, run] = await Promise.all([
      place.tidemark(['match', 'several.json', '--events', events, '--side-outputs']), place.tidemark(['run', 'several.json', '--events', events, '--out', 'several.out']),
    ]);
    expect([match.code, run.code]).toEqual([0, 0]);
    const out = sorted(match.out);
    expect(sorted(place.read('several.out'))).toEqual(out);
    const count = (kind: string, id: string): number => out.filter((line) => line.includes(`"pattern":"${id}","kind":"${kind}"`)).length;
    expect(keys.map((_, index) => count('match', `p${index}`) > 50)).toEqual([true, true, true, true]);
    expect(count('match', 'p0')).toBe(count('match', 'p1'));
    expect(count('match', 'p2')).toBeLessThan(count('match', 'p3'));
    expect(out.filter((line) => line.includes('"kind":"dead-letter"'))).toHaveLength(2);
    expect([0, 1, 2, 3].map((index) => count('late', `p${index}`))).toEqual([0, 0, 4, 8]); // 4 of the 8 late ones have no id
  });
});

describe('a fault in the middle', () => {
  it('[CL6] is a sentence with its remedy and 1, as the document is wrong; `match` keeps what came before', async () => {
    const document = templateDocument(startMiddle, { schema: { fields: [{ name: 'ts', type: 'int' }, { name: 'id', type: 'int', optional: true }, { name: 'name', type: 'string' }], time: { field: 'ts', format: 'epoch-ms' } } });
    const [pattern] = document.patterns;
    const [start, ...others] = pattern?.nodes ?? [];
    place.file('fault.json', JSON.stringify({ ...document, patterns: [{ ...pattern, nodes: [{ ...start, condition: { type: 'CEL', expression: "event.name == 'start' && event.id > 0" } }, ...others] }] }));
    const events = place.file('fault.ndjson', '{"ts":1000,"id":1,"name":"start"}\n{"ts":1001,"id":2,"name":"middle"}\nbad\n{"ts":90000,"name":"start"}\n');
    const [match, run] = await Promise.all([place.tidemark(['match', 'fault.json', '--events', events]), place.tidemark(['run', 'fault.json', '--events', events, '--out', 'fault.out'])]);
    for (const outcome of [match, run]) {
      expect(outcome.code).toBe(1);
      expect(outcome.err).toContain('could not be evaluated for the event at 0:3');
      expect(outcome.err).toMatch(/\nGuard the condition/);
      expectPlain(outcome);
    }
    expect(sorted(match.out)).toHaveLength(1);
    expect(match.err).toContain('dead letter at 0:2, byte 69: malformed');
    expect(run.err).toContain(`${place.path}/fault.out was not written`);
    expect(existsSync(`${place.path}/fault.out`)).toBe(false);
  });
});

describe('output', () => {
  it('[CL9] what is wrong with --out is found before anything runs, and what is read stays whole', async () => {
    const events = place.file('events.ndjson', readFileSync(sample));
    const document = place.read('job.json');
    const cases: readonly (readonly [out: string, says: string])[] = [
      ['folder', '--out folder: this is a directory. Name a file in it.'],
      ['nowhere/x.ndjson', `--out nowhere/x.ndjson: no file can be made in ${place.path}/nowhere: is there such a directory? Make it first, or name another one.`],
      ['job.json/x', `--out job.json/x: ${place.path}/job.json is a file, not a directory. Name another place.`],
      [events, `--out ${events}: this is the file that is read, and it would be lost. Name another one.`],
      ['./folder/../job.json', '--out ./folder/../job.json: this is the file that is read, and it would be lost. Name another one.'],
    ];
    await each(['match', 'run'].flatMap((name) => cases.map(([out, says]) => ({ name, out, says }))), async ({ name, out, says }) => {
      const outcome = await place.tidemark([name, 'job.json', '--events', events, '--out', out]);
      expect([name, outcome.code, outcome.out, outcome.err]).toEqual([name, 2, '', `${says}\n`]);
    });
    expect(place.read(events)).toBe(readFileSync(sample, 'utf8'));
    expect(place.read('job.json')).toBe(document);
    expect(existsSync(`${place.path}/nowhere`)).toBe(false);
  });

  it('[CL9] a file that is there is replaced whole; a device is written into and stays one', async () => {
    place.file('old.ndjson', 'something old\n'.repeat(10_000));
    place.file('old-run.ndjson', 'something old\n'.repeat(10_000));
    const [match, run, full, fullRun] = await Promise.all([
      place.tidemark(['match', 'job.json', '--events', sample, '--out', 'old.ndjson']),
      place.tidemark(['run', 'job.json', '--out', 'old-run.ndjson']),
      place.tidemark(['match', 'job.json', '--events', sample, '--out', '/dev/full']),
      place.tidemark(['run', 'job.json', '--out', '/dev/full']),
    ]);
    expect([match.code, run.code]).toEqual([0, 0]);
    expect(sorted(place.read('old.ndjson'))).toHaveLength(startMiddle.matches);
    expect(sorted(place.read('old-run.ndjson'))).toEqual(sorted(place.read('old.ndjson')));
    for (const outcome of [full, fullRun]) {
      expect(outcome.code).toBe(3);
      expect(outcome.err).toContain('The output /dev/full cannot be written: there is no space left.\nMake room');
      expectPlain(outcome);
    }
    expect(statSync('/dev/full').isCharacterDevice()).toBe(true);
  });

  it('[CL12] a reader that goes away, a SIGTERM: the command ends and leaves nothing behind', async () => {
    const paced = templateDocument(startMiddle);
    place.file('paced.json', JSON.stringify({ ...paced, source: { ...paced.source, rate: { kind: 'per-second', events: 20 } }, checkpointing: { ...paced.checkpointing, intervalMs: 200 } }));
    const [match, run, stopped] = await Promise.all([
      place.tidemark(['match', 'job.json', '--events', sample], { reader: 'closed' }),
      place.tidemark(['run', 'paced.json'], { reader: 'closed' }),
      place.tidemark(['run', 'paced.json', '--out', 'stopped.ndjson'], { stopWhen: (err) => err.includes('RUNNING') }),
    ]);
    expect([match.code, run.code, stopped.code]).toEqual([0, 0, 3]);
    for (const outcome of [run, stopped]) {
      expect(outcome.err).toContain('CANCELED');
      expectPlain(outcome);
    }
    expect(existsSync(`${place.path}/stopped.ndjson`)).toBe(true);
    expect(place.left()).toEqual([]);
  });
});

describe('match and run', () => {
  interface Case { readonly id: string; readonly events: readonly { readonly ts: number; readonly value?: number }[]; readonly expect: { readonly matches: readonly Readonly<Record<string, readonly number[]>>[] } }
  const cases = JSON.parse(gunzipSync(readFileSync(new URL('../../../packages/cep/conformance/cases/real.json.gz', import.meta.url))).toString()) as readonly Case[];
  const caseOf = (id: string): Case => cases.find((one) => one.id === id) as Case;

  /** Matches of `match` on the whole sample: by stage, the positions of their events. */
  async function matches(id: TemplateId): Promise<readonly Readonly<Record<string, readonly number[]>>[]> {
    const { code, out, err } = await place.tidemark(['match', place.file(`${id}.json`, JSON.stringify(templateDocument(template(id)))), '--events', templatePath(template(id))]);
    const lines = out.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as { readonly text: string; readonly positions: Readonly<Record<string, readonly string[]>> });
    expect([code, lines.length]).toEqual([0, template(id).matches]);
    expect(err).toContain(`${template(id).events.toLocaleString('en-US')} events read`);
    for (const { text } of lines) expect(text).not.toBe('');
    return lines.map(({ positions }) => Object.fromEntries(Object.entries(positions).map(([stage, places]) => [stage, places.map((one) => Number(one.slice(2)))])));
  }

  it('[CL11] a template\'s document and its sample: as many matches as it says, each with its text', async () => {
    await Promise.all([matches('start-middle'), matches('failed-logins')]);
  });

  it('[CL11] remote service execution: the matches of real Flink on the whole real file', async () => {
    const real = caseOf('real/psexec/no-logoff');
    expect(real.events).toHaveLength(template('remote-service').events);
    expect(await matches('remote-service')).toEqual(real.expect.matches);
  });

  it('[CL11] machine overheating: the matches of real Flink, as far as its events go', async () => {
    const real = caseOf('real/machine/cold-stop-then-hot/SKIP_PAST_LAST_EVENT');
    const rows = readFileSync(templatePath(template('machine-overheating')), 'utf8').trim().split(/\r?\n/).slice(1).map((line) => {
      const [time, value] = line.split(',') as [string, string];
      return { ts: Date.parse(`${time.replace(' ', 'T')}Z`), value: Number(value) };
    });
    const offset = rows.findIndex(({ ts, value }) => ts === real.events[0]?.ts && value === real.events[0]?.value);
    expect(rows.slice(offset, offset + real.events.length)).toEqual(real.events);
    const found = (await matches('machine-overheating')).filter((match) => Object.values(match).flat().every((position) => position >= offset && position < offset + real.events.length));
    expect(real.expect.matches.length).toBeGreaterThan(0);
    expect(found).toEqual(real.expect.matches.map((match) => Object.fromEntries(Object.entries(match).map(([stage, positions]) => [stage, positions.map((position) => position + offset)]))));
  });

  it('[CL5] failed logins: the same lines at parallelism 1 and 2', () => expectSameLines(place, template('failed-logins')));

  it('[CL5] a generator, and a file in place of it or of another format: still the same lines', async () => {
    const document = templateDocument(startMiddle, { source: { kind: 'generator', generator: 'seed-example', seed: 7, events: 3_000, rate: { kind: 'unlimited' } } });
    const generator = place.file('generator.json', JSON.stringify(document));
    const rows = readFileSync(sample, 'utf8').trim().split('\n').map((line) => JSON.parse(line) as { ts: number; id: number; name: string });
    const csv = place.file('sample.csv', `ts,id,name\n${rows.map(({ ts, id, name }) => `${ts},${id},${name}\n`).join('')}`);
    await each([[generator], [generator, '--events', sample], ['job.json', '--events', csv]], async (words) => {
      const [match, run] = await Promise.all([place.tidemark(['match', ...words, '--side-outputs']), place.tidemark(['run', ...words])]);
      expect([words, match.code, run.code, sorted(run.out)]).toEqual([words, 0, 0, sorted(match.out)]);
      const found = sorted(match.out).filter((line) => line.includes('"kind":"match"')).length;
      expect([words, found >= startMiddle.matches]).toEqual([words, true]);
    });
  });
});
