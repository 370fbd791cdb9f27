/** The cluster of this runtime: worker processes on this machine. */
import type { Cluster, JobHandle } from '@tidemark/cluster';
import type { JobId } from '@tidemark/core';
import type { DeployRequest, DeployTarget } from './target.ts';

export class EmbeddedTarget implements DeployTarget {
  readonly kind = 'embedded';
  readonly #cluster: Cluster;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  recover(): Promise<readonly JobHandle[]> {
    return this.#cluster.recover();
  }

  submit(request: DeployRequest): Promise<JobHandle> {
    return this.#cluster.submit(request);
  }

  remove(jobId: JobId): Promise<void> {
    return this.#cluster.remove(jobId);
  }

  close(): Promise<void> {
    return this.#cluster.close();
  }
}
