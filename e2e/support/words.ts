/** The page's own dictionaries: a journey presses what a reader of that language sees. */
import { common as commonEn } from '../../apps/designer/src/i18n/en/common.ts';
import { data as dataEn } from '../../apps/designer/src/i18n/en/data.ts';
import { design as designEn } from '../../apps/designer/src/i18n/en/design.ts';
import { jobs as jobsEn } from '../../apps/designer/src/i18n/en/jobs.ts';
import { live as liveEn } from '../../apps/designer/src/i18n/en/live.ts';
import { common as commonZh } from '../../apps/designer/src/i18n/zh/common.ts';
import { data as dataZh } from '../../apps/designer/src/i18n/zh/data.ts';
import { design as designZh } from '../../apps/designer/src/i18n/zh/design.ts';
import { jobs as jobsZh } from '../../apps/designer/src/i18n/zh/jobs.ts';
import { live as liveZh } from '../../apps/designer/src/i18n/zh/live.ts';

export const ENGLISH = { language: 'en', common: commonEn, data: dataEn, design: designEn, jobs: jobsEn, live: liveEn } as const;
export const CHINESE = { language: 'zh', common: commonZh, data: dataZh, design: designZh, jobs: jobsZh, live: liveZh } as const;
export type Words = typeof ENGLISH | typeof CHINESE;

/** `Hello {{name}}` with its places filled. */
export const fill = (text: string, values: Readonly<Record<string, string | number>>): string =>
  text.replaceAll(/\{\{(\w+)(?:, \w+)?\}\}/g, (_, name: string) => String(values[name] ?? ''));
