/**
 * The generators that a document may name as its source.
 *
 * Always  every name has exactly one generator (connectors' registry is exhaustive over the type), so that what the
 *         validator lets pass is there when the job runs.
 * Not here: what they generate (connectors), which of them the page offers (designer).
 */
export const GENERATOR_NAMES = ['seed-example', 'failed-logins', 'machine', 'remote-service', 'pair'] as const;
export type GeneratorName = (typeof GENERATOR_NAMES)[number];

export const isGeneratorName = (text: string): text is GeneratorName => (GENERATOR_NAMES as readonly string[]).includes(text);
