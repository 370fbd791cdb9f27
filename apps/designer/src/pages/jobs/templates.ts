/** The templates as the first page uses them: a document to draw and open, and their generators as a source. */
import type { JobDocument } from '@tidemark/pattern';
import { TEMPLATES, type Template, instantiate } from '@tidemark/pattern';
import type { Sample } from '@tidemark/protocol';
import type { GeneratorChoice } from '../../data/index.ts';
import type { Language } from '../../i18n/index.ts';

/** Drawn on a card only: the sample is found when the template is opened. */
const ANY_SAMPLE = '0'.repeat(64);
export const documentOfTemplate = (template: Template, language: Language): JobDocument =>
  instantiate(template, { projectId: template.id, sampleHash: ANY_SAMPLE, language });

/** The sample that came with the product: the first that was stored under the template's file name. */
export function sampleOfTemplate(template: Template, samples: readonly Sample[]): Sample | null {
  return samples.filter((sample) => sample.name === template.sampleFile && sample.format === template.format).toSorted((left, right) => left.uploadedAt - right.uploadedAt)[0] ?? null;
}

export function generatorChoices(language: Language): readonly GeneratorChoice[] {
  return TEMPLATES.map((template) => {
    const document = documentOfTemplate(template, language);
    return {
      id: template.id, name: template.name[language], sentence: template.description[language], schema: document.schema as NonNullable<JobDocument['schema']>,
      key: document.patterns[0]?.key ?? [], outOfOrdernessMs: document.outOfOrdernessMs,
      source: { kind: 'generator', generator: template.id, seed: 1, events: Math.max(template.events, 3_000), rate: { kind: 'per-second', events: 20 } },
    };
  });
}
export { TEMPLATES, type Template, instantiate };
