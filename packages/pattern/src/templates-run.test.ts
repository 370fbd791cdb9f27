/** The promises of the templates, kept by the engine itself. */
import { readFileSync } from 'node:fs';
import { MatchFormatter, PatternRun } from '@tidemark/cep';
import { eventTime } from '@tidemark/core';
import { type EventBatch as Batch, EventBatch, appendObject, createDecoder, fieldValue, startCursor } from '@tidemark/event';
import { describe, expect, it } from 'vitest';
import { TEMPLATES, instantiate } from './templates.ts';
import { validateDocument } from './validate.ts';
import type { ValidatedJob } from './validated.ts';

function decoded(job: ValidatedJob, format: 'csv' | 'ndjson', bytes: Uint8Array, capacity: number): Batch {
  const batch = new EventBatch(job.schema, capacity);
  createDecoder(format, job.schema).decode(bytes, 0, bytes.length, true, startCursor(), batch, () => { throw new Error('dead letter'); });
  return batch;
}

/** Rows one by one, each with the watermark that follows it: the text of each match and the row after which it came. */
function run(job: ValidatedJob, batch: Batch): { readonly row: number; readonly text: string }[] {
  const matches: { row: number; text: string }[] = [];
  const formatter = new MatchFormatter(job);
  let row = 0;
  const engine = new PatternRun(job, (match) => {
    const { kind, line } = formatter.format(match);
    if (kind === 'match') matches.push({ row, text: String((JSON.parse(line) as { text?: unknown }).text) });
  });
  const one = new EventBatch(job.schema, 1);
  let newest = -Infinity;
  for (; row < batch.length; row++) {
    one.clear();
    const time = batch.time[row] as number;
    appendObject(one, Object.fromEntries(job.schema.fields.map((field, index) => [field.name, fieldValue(batch, index, row)])), time, row);
    engine.push(one);
    newest = Math.max(newest, time);
    engine.watermark(eventTime(newest - job.document.outOfOrdernessMs - 1));
  }
  engine.end();
  return matches;
}

describe.each(TEMPLATES)('template $id, run', (template) => {
  const document = instantiate(template, { projectId: 'p', sampleHash: '0'.repeat(64) });
  const job = validateDocument(document).job as ValidatedJob;

  it('[TM3] gives on its sample what it says, the first where it says', () => {
    const bytes = readFileSync(new URL(`../templates/${template.sampleFile}`, import.meta.url));
    const matches = run(job, decoded(job, template.format, bytes, template.events));
    expect([matches.length, matches[0]?.row]).toEqual([template.matches, template.firstMatch]);
    expect(matches.map((match) => match.text)).toMatchSnapshot();
  });

  it('[TM3] passes its own tests', () => {
    const encoder = new TextEncoder();
    for (const { name, events, expectMatches } of document.tests) {
      if (!events) continue;
      const lines = encoder.encode(events.map((event) => `${JSON.stringify(event)}\n`).join(''));
      expect([name, run(job, decoded(job, 'ndjson', lines, events.length)).length]).toEqual([name, expectMatches]);
    }
  });
});
