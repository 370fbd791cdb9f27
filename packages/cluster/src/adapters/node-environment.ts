/** The real world: machine's clock and disk, worker processes. */
import { createHash, randomUUID } from 'node:crypto';
import type { Hash } from '@tidemark/core';
import { documentWiring } from '../document-wiring.ts';
import type { ClusterEnvironment } from '../environment.ts';
import type { WireJob } from '../job-wiring.ts';
import { nodeClock } from './node-clock.ts';
import { nodeFileSystem } from './node-file-system.ts';
import { WorkerProcesses } from './worker-processes.ts';

export interface NodeEnvironmentOptions {
  /** The same wiring that the worker's entry uses. Default: documents (document-wiring.ts, worker-main.ts). */
  readonly wire?: WireJob;
  /** The worker's entry, where it does not lie beside this file (a bundle, a test). */
  readonly workerEntry?: string;
  readonly report?: (line: string) => void;
}

export const nodeSha256 = (): Hash => {
  const hash = createHash('sha256');
  return { update: (bytes) => { hash.update(bytes); }, digest: () => hash.digest() };
};

export function nodeEnvironment({ wire, workerEntry, report }: NodeEnvironmentOptions = {}): ClusterEnvironment {
  return {
    clock: nodeClock,
    files: nodeFileSystem,
    workers: new WorkerProcesses(workerEntry === undefined ? {} : { entry: workerEntry }),
    createSha256: nodeSha256,
    wire: wire ?? documentWiring(),
    unique: () => randomUUID(),
    report: report ?? ((line) => { process.stderr.write(`${line}\n`); }),
  };
}
