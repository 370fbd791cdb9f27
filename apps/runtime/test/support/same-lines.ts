/** `match` and `run` are one meaning: for a template's document both put out the same lines, byte for byte, at any parallelism. */
import type { Template } from '@tidemark/pattern';
import { expect } from 'vitest';
import { type Workplace, sorted, templateDocument } from './command.ts';

export async function expectSameLines(place: Workplace, template: Template): Promise<void> {
  const { patterns } = templateDocument(template);
  const document = (parallelism: number): string => place.file(`${template.id}-${parallelism}.json`, JSON.stringify(templateDocument(template, {
    // timed-out partial matches too: more lines, and lines that time brings
    parallelism, patterns: patterns.map((pattern) => ({ ...pattern, output: { ...pattern.output, timedOut: true } })),
  })));
  const match = await place.tidemark(['match', document(1), '--side-outputs']);
  const expected = sorted(match.out);
  expect([match.code, expected.filter((line) => line.includes('"kind":"match"')).length]).toEqual([0, template.matches]);
  for (const parallelism of [1, 2]) {
    const job = document(parallelism);
    const run = await place.tidemark(['run', job, '--out', `${template.id}.out`]);
    expect([parallelism, run.code, run.out, sorted(place.read(`${template.id}.out`))]).toEqual([parallelism, 0, '', expected]);
  }
}
