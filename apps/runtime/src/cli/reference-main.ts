/**
 * The process behind a proof: runs a document without faults and writes the ids file (proof/reference.ts). Started by
 * wiring.ts; ends when the runtime does.
 */
import { closeSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { invariant } from '@tidemark/core';
import { validateDocument } from '@tidemark/pattern';
import type { ReferenceTask } from '../proof/reference.ts';
import { singleRun } from './single-run.ts';

process.on('disconnect', () => process.exit(0));
process.once('message', (task: ReferenceTask) => {
  run(task).then(() => process.exit(0), (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`, () => process.exit(1));
  });
});

async function run({ document, sourcePath, baseTime, out }: ReferenceTask): Promise<void> {
  setPriority(constants.priority.PRIORITY_BELOW_NORMAL); // the jobs come first
  const { job } = validateDocument(document, { forDeployment: true });
  invariant(job !== null, 'what was deployed is valid');
  const temporary = `${out}.${process.pid}.tmp`;
  const file = openSync(temporary, 'w');
  let buffer = '';
  const flush = (): void => {
    writeSync(file, buffer);
    buffer = '';
  };
  const { records } = await singleRun(job, { path: sourcePath, baseTime }, ({ matchId }, due) => {
    buffer += `${matchId}\t${due}\n`;
    if (buffer.length > 64 * 1024) flush();
  });
  buffer += `end\t${records}\n`;
  flush();
  fsyncSync(file);
  closeSync(file);
  renameSync(temporary, out);
}
