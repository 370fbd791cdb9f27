/** Reads the command line and runs one command. */
import { EXIT } from './exit.ts';

const USAGE = `Tidemark: draw, test, deploy and watch patterns over streams of events.

  tidemark serve                               designer and runtime on one port
  tidemark validate JOB.json                   every issue of a job document, with its place
  tidemark match JOB.json --events FILE        matches as NDJSON; one process, no checkpoints
                          [--out FILE]
  tidemark run JOB.json                        the real thing without the page: worker processes, checkpoints
  tidemark schema                              JSON Schema of the job document

Settings of serve and run, by environment:
  TIDEMARK_PORT (4747)   TIDEMARK_HOST (127.0.0.1)   TIDEMARK_DATA (./.tidemark)   TIDEMARK_LOG (warn)
  TIDEMARK_FILES            folder whose files a document may name as its source
  TIDEMARK_ALLOWED_HOSTS    further names under which the server is reached, separated by commas
  TIDEMARK_ORIGINS          further origins whose pages may call, separated by commas

Exit codes: 0 done, 1 the document or the data is wrong, 2 usage, 3 a fault at run time.`;

export async function main(words: readonly string[]): Promise<number> {
  const [command] = words;
  if (command === 'serve') return (await import('./serve.ts')).serve();
  console.error(USAGE);
  return EXIT.usage;
}
