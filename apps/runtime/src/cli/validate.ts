/** `tidemark validate JOB.json`: every issue with its place. */
import { EXIT } from './exit.ts';
import { count, loadJob } from './job-file.ts';

export async function validate(path: string): Promise<number> {
  const loaded = await loadJob(path);
  if ('code' in loaded) return loaded.code;
  console.error(`${path} is valid${loaded.warnings === 0 ? '' : `, with ${count(loaded.warnings, 'warning')}`}${loaded.job.document.source === null ? '; to be deployed it needs a source as well' : ''}`);
  return EXIT.done;
}
