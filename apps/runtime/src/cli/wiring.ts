/** What other rooms give the runtime, in one place. */
import { JobFault } from '@tidemark/core';
import type { DataDirectory } from '../data/data-directory.ts';
import type { DeployTarget } from '../deploy/target.ts';
import type { TemplateSample } from '../runtime.ts';
import type { Infer } from '../samples/library.ts';

export const infer: Infer = (_bytes, name) => ({
  schema: null, fields: [], time: [], key: [], records: 0, undecodable: 0, format: name.endsWith('.csv') ? 'csv' : name.endsWith('.json') ? 'json' : 'ndjson',
});

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
