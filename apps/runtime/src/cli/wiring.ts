/** What other rooms give the runtime, in one place. */
import { JobFault } from '@tidemark/core';
import type { DataDirectory } from '../data/data-directory.ts';
import type { DeployTarget } from '../deploy/target.ts';
import type { TemplateSample } from '../runtime.ts';

export const templateSamples = async (): Promise<TemplateSample[]> => [];

export const targetOn = (_directory: DataDirectory): DeployTarget => ({
  kind: 'embedded',
  recover: async () => [],
  submit: async () => {
    throw new JobFault('There is no cluster in this build.', { domain: 'internal', retry: 'no-retry', code: 'no-cluster', operatorId: null, remedy: null });
  },
  remove: async () => {},
  close: async () => {},
});
