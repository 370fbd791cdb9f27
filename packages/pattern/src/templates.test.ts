import { readFileSync } from 'node:fs';
import { EventBatch, createDecoder, startCursor } from '@tidemark/event';
import { describe, expect, it } from 'vitest';
import { decodeDocument } from './decode.ts';
import { jobDocumentJsonSchema } from './json-schema.ts';
import { type CasePattern, fromCase } from './from-case.ts';
import { TEMPLATES, type Template, instantiate } from './templates.ts';
import { validateDocument } from './validate.ts';
import type { ValidatedPattern } from './validated.ts';

const hash = '0'.repeat(64);
const file = (name: string): Uint8Array => readFileSync(new URL(`../templates/${name}`, import.meta.url));

describe.each(TEMPLATES)('template $id', (template) => {
  const document = instantiate(template, { projectId: 'p-1', sampleHash: hash, language: 'zh' });

  it('[TM1] is valid without a warning and stays so through text', () => {
    expect(validateDocument(document, { forDeployment: true }).issues).toEqual([]);
    expect(decodeDocument(JSON.stringify(document))).toEqual({ ok: true, document, migrations: [] });
    expect(document).toMatchObject({ id: 'p-1', name: template.name.zh, source: { sample: hash }, checkpointing: { intervalMs: 2_000 } });
  });

  it('[TM2] has a sample that decodes whole, runs 2 to 5 minutes and reaches its first match in time', () => {
    const job = validateDocument(document).job;
    if (!job) throw new Error('no job');
    const bytes = file(template.sampleFile);
    const batch = new EventBatch(job.schema, template.events + 1);
    const bad: unknown[] = [];
    createDecoder(template.format, job.schema, { keyFields: document.patterns[0]?.key ?? [] }).decode(bytes, 0, bytes.length, true, startCursor(), batch, (letter) => bad.push(letter));
    expect([batch.length, bad]).toEqual([template.events, []]);
    const { rate } = document.source as { rate: { kind: string; speed?: number; events?: number; head?: number } };
    const span = (batch.time[batch.length - 1] as number) - (batch.time[0] as number);
    const seconds = rate.kind === 'event-time' ? span / 1_000 / (rate.speed as number) : (batch.length - (rate.head ?? 0)) / (rate.events as number);
    expect(seconds).toBeGreaterThanOrEqual(120);
    expect(seconds).toBeLessThanOrEqual(300);
    const untilFirst = rate.kind === 'event-time' ? ((batch.time[template.firstMatch] as number) - (batch.time[0] as number)) / 1_000 / (rate.speed as number)
      : (template.firstMatch + 1 - (rate.head ?? 0)) / (rate.events as number);
    expect(untilFirst).toBeLessThan(17);
    let newest = -Infinity;
    let late = 0;
    for (const time of batch.time.subarray(0, batch.length)) {
      if (time <= newest - document.outOfOrdernessMs - 1) late++;
      newest = Math.max(newest, time);
    }
    expect(late).toBe(0);
  });

  it('[TM3] brings tests with hits and near misses, and one over the whole sample', () => {
    expect(document.tests.at(-1)).toMatchObject({ sample: hash, expectMatches: template.matches });
    expect(document.tests.some((test) => test.expectMatches === 0)).toBe(true);
    expect(document.tests.some((test) => test.events && test.expectMatches > 0)).toBe(true);
    const fields = new Set(document.schema?.fields.map((field) => field.name));
    for (const event of document.tests.flatMap((test) => test.events ?? [])) expect(Object.keys(event).filter((name) => !fields.has(name))).toEqual([]);
  });
});

describe('templates over real data', () => {
  // the patterns of real/psexec/no-logoff and real/machine/cold-stop-then-hot/SKIP_PAST_LAST_EVENT among the shared cases
  const cases: readonly (readonly [string, CasePattern, string | null])[] = [
    ['remote-service', {
      steps: [
        { name: 'logon', link: 'begin', where: 'event.eventId == 4624 && has(event.logonType) && event.logonType == 3' },
        { name: 'logoff', link: 'notFollowedBy', where: 'event.eventId == 4634' },
        { name: 'run', link: 'followedBy', where: 'event.eventId == 4688 || event.eventId == 1' },
      ],
      within: { ms: 60_000, type: 'FIRST_AND_LAST' }, skip: { strategy: 'NO_SKIP' },
    }, 'host'],
    ['machine-overheating', {
      steps: [
        { name: 'cold', link: 'begin', where: 'event.value < 50.0', times: { from: 3, to: null }, inner: 'consecutive', greedy: true },
        { name: 'hot', link: 'followedBy', where: 'event.value > 85.0' },
      ],
      within: { ms: 172_800_000, type: 'FIRST_AND_LAST' }, skip: { strategy: 'SKIP_PAST_LAST_EVENT' },
    }, null],
  ];
  it.each(cases)('[TM3] %s is the pattern that Flink has answered', (id, pattern, keyBy) => {
    const made = fromCase(pattern, keyBy, [{ ts: 1, host: 'h', eventId: 1, logonType: 3, value: 1 }]);
    const ofCase = made.ok ? validateDocument(made.document, made.options).job?.patterns[0] : undefined;
    const template = TEMPLATES.find((other) => other.id === id) as Template;
    const own = validateDocument(instantiate(template, { projectId: 'p', sampleHash: hash })).job?.patterns[0];
    const meaning = (of: ValidatedPattern | undefined) => of && {
      ...of, graph: null, key: of.key.map((field) => (of === own ? template.document.schema : made.ok ? made.document.schema : null)?.fields[field]?.name), stageIds: null, output: null,
      steps: of.steps.map((step) => ({ ...step, nodeId: null, condition: step.condition?.text, until: step.until?.text })),
    };
    expect(meaning(own)).toEqual(meaning(ofCase));
    expect(ofCase).toBeDefined();
  });
});

describe('JSON Schema', () => {
  it('[JS1] says what may be written, with groups within groups and defaults left out of required', () => {
    const schema = jobDocumentJsonSchema() as { $ref: string; $defs: Record<string, { required: string[] }> };
    expect(schema.$ref).toBe('#/$defs/JobDocument');
    expect(schema.$defs['JobDocument']?.required.toSorted()).toEqual(['format', 'id', 'name', 'patterns', 'version']);
    expect(Object.keys(schema.$defs)).toEqual(expect.arrayContaining(['AtomicNode', 'CompositeNode', 'Edge', 'Quantifier']));
    expect(JSON.stringify(schema)).toContain('#/$defs/CompositeNode');
  });
});
