/**
 * A runtime without a page, as a process that a test can kill: takes up the jobs of a data directory, submits one if it is
 * not there, and ends when it ended. Arguments: JSON of HostJob.
 */
import { jobId } from '@tidemark/core';
import { Cluster, nodeEnvironment } from '@tidemark/cluster';
import type { JobDocument } from '@tidemark/pattern';

export interface HostJob {
  readonly dataDir: string;
  readonly document: JobDocument;
  readonly sourcePath: string;
  readonly outputPath: string;
}

const { dataDir, document, sourcePath, outputPath } = JSON.parse(process.argv[2] as string) as HostJob;
const cluster = new Cluster(nodeEnvironment(), { dataDir });
await cluster.recover();
const job = cluster.job(jobId('job')) ?? await cluster.submit({ jobId: jobId('job'), document, sourcePath, outputPath, baseTime: 0 });
job.subscribe((event) => {
  if (event.kind === 'state') process.stdout.write(`${event.state}\n`);
  if (event.kind === 'checkpoint' && event.checkpoint.phase === 'completed') process.stdout.write('CHECKPOINT\n');
});
process.stdout.write(`${job.snapshot().state}\n`);
const state = await job.ended;
await cluster.close();
process.exit(state === 'FINISHED' ? 0 : 1);
