/** The templates as the first page uses them: a document to draw and to open, and the sample that belongs to it. */
import type { JobDocument } from '@tidemark/pattern';
import { TEMPLATES, type Template, instantiate } from '@tidemark/pattern';
import type { Sample } from '@tidemark/protocol';
import type { Language } from '../../i18n/index.ts';

/** Drawn on a card only: the sample is found when the template is opened. */
const ANY_SAMPLE = '0'.repeat(64);
export const documentOfTemplate = (template: Template, language: Language): JobDocument =>
  instantiate(template, { projectId: template.id, sampleHash: ANY_SAMPLE, language });

/** The sample that came with the product: the first that was stored under the template's file name. */
export function sampleOfTemplate(template: Template, samples: readonly Sample[]): Sample | null {
  return samples.filter((sample) => sample.name === template.sampleFile && sample.format === template.format).toSorted((left, right) => left.uploadedAt - right.uploadedAt)[0] ?? null;
}

export { TEMPLATES, type Template, instantiate };
