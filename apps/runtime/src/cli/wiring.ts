/** What other rooms give the runtime, in one place. */
import { readFile } from 'node:fs/promises';
import { JobFault } from '@tidemark/core';
import { TEMPLATES } from '@tidemark/pattern';
import type { DataDirectory } from '../data/data-directory.ts';
import type { DeployTarget } from '../deploy/target.ts';
import type { RunReference } from '../proof/reference.ts';
import type { TemplateSample } from '../runtime.ts';

/** The sample files of the templates, which lie in the pattern room. */
export const templateSamples = (): Promise<TemplateSample[]> => Promise.all(TEMPLATES.map(async ({ sampleFile, format }) => ({
  name: sampleFile, format, bytes: await readFile(new URL(`../../../../packages/pattern/templates/${sampleFile}`, import.meta.url)),
})));

export const runReference: RunReference = async () => {
  throw new Error('There is no engine in this build.');
};

export const targetOn = (_directory: DataDirectory): DeployTarget => ({
  kind: 'embedded',
  recover: async () => [],
  submit: async () => {
    throw new JobFault('There is no cluster in this build.', { domain: 'internal', retry: 'no-retry', code: 'no-cluster', operatorId: null, remedy: null });
  },
  remove: async () => {},
  close: async () => {},
});
