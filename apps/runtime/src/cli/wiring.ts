/** What other rooms give the runtime, in one place. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Cluster, documentWiring, nodeEnvironment } from '@tidemark/cluster';
import { TEMPLATES } from '@tidemark/pattern';
import type { DataDirectory } from '../data/data-directory.ts';
import { EmbeddedTarget } from '../deploy/embedded.ts';
import type { DeployTarget } from '../deploy/target.ts';
import type { Logger } from '../log.ts';
import type { RunReference } from '../proof/reference.ts';
import type { TemplateSample } from '../runtime.ts';

export const TEMPLATE_FILES = new URL('../../../../packages/pattern/templates/', import.meta.url);

/** The sample files of the templates, which lie in the pattern room. */
export const templateSamples = (): Promise<TemplateSample[]> => Promise.all(TEMPLATES.map(async ({ sampleFile, format }) => ({
  name: sampleFile, format, bytes: await readFile(new URL(sampleFile, TEMPLATE_FILES)),
})));

export const targetOn = (log: Logger) => (directory: DataDirectory): DeployTarget => new EmbeddedTarget(new Cluster(
  nodeEnvironment({ wire: documentWiring(), report: (line) => log.warn(line) }),
  { dataDir: directory.cluster },
));

/** In a process of its own, at lower priority: neither the server nor the jobs wait for it. */
export const runReference: RunReference = async (task, signal) => {
  const entry = fileURLToPath(new URL('./reference-main.ts', import.meta.url));
  const child = spawn(process.execPath, [entry], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'], signal, killSignal: 'SIGKILL', env: { PATH: process.env.PATH ?? '', TZ: 'UTC' },
  });
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    said = `${said}${chunk.toString()}`.slice(-2_000);
  });
  child.on('error', () => {}); // also told by exit, or by the signal below
  child.send(task);
  const [code] = await once(child, 'exit') as [number | null];
  signal.throwIfAborted();
  if (code !== 0) throw new Error(said.trim() || `the run without faults ended with ${code}`);
};
