/** Entry of a real worker process that runs counting jobs: for tests of the cluster without the matcher. */
import { runWorker } from '@tidemark/cluster';
import { wireCountingJob } from './counting-job.ts';

runWorker(wireCountingJob);
