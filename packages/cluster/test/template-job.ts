/** Template jobs for tests with real processes: the template's pattern and sample, at a pace that leaves time for faults. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type JobDocument, TEMPLATES, type Template, instantiate } from '@tidemark/pattern';

export { TEMPLATES };

export const samplePath = (template: Template): string => fileURLToPath(new URL(`../../pattern/templates/${template.sampleFile}`, import.meta.url));

/** Checkpoints every 100 ms, restarts after 20 ms, the whole sample in about `seconds`. */
export function pacedDocument(template: Template, parallelism: number, seconds: number): JobDocument {
  const document = instantiate(template, { projectId: 'test', sampleHash: '0'.repeat(64) });
  const { source } = document;
  if (source?.kind !== 'file') throw new Error('a template reads a file');
  return {
    ...document, parallelism,
    source: { ...source, rate: { kind: 'per-second', events: Math.ceil(template.events / seconds) } },
    checkpointing: { ...document.checkpointing, intervalMs: 100 },
    restart: { kind: 'fixed-delay', delayMs: 20, attempts: null },
    patterns: document.patterns.map((pattern) => ({ ...pattern, output: { ...pattern.output, timedOut: true } })),
  };
}

/** Committed lines, sorted by matchId. */
export async function sortedLines(path: string): Promise<string[]> {
  const idOf = (line: string): string => (JSON.parse(line) as { readonly matchId: string }).matchId;
  return (await readFile(path, 'utf8')).split('\n').filter((line) => line !== '').sort((a, b) => (idOf(a) < idOf(b) ? -1 : 1));
}
