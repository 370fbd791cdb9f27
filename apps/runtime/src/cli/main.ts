/** Reads the command line and runs one command. */
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { JobFault } from '@tidemark/core';
import { EXIT } from './exit.ts';

const USAGE = `Tidemark: draw, test, deploy and watch patterns over streams of events.

  tidemark serve                               designer and runtime on one port
  tidemark validate JOB.json                   every issue of a job document, with its place
  tidemark match JOB.json --events FILE        matches as NDJSON; one process, no checkpoints
         [--out FILE] [--side-outputs]         with timed-out partial matches, late events, dead letters
  tidemark run JOB.json                        the real thing without the page: worker processes,
         [--out FILE] [--events FILE]          checkpoints, committed output; ends when the source ends
  tidemark schema                              JSON Schema of the job document

Settings, by environment:
  TIDEMARK_PORT (4747)      TIDEMARK_HOST (127.0.0.1)      TIDEMARK_LOG (warn)
  TIDEMARK_DATA             data directory of serve (./.tidemark)
  TIDEMARK_FILES            folder whose files a deployed document may name as its source
  TIDEMARK_ALLOWED_HOSTS    further names under which the server is reached, separated by commas
  TIDEMARK_ORIGINS          further origins whose pages may call, separated by commas

Exit codes: 0 done, 1 the document or the data is wrong, 2 usage, 3 a fault at run time.`;

class UsageError extends Error {}

export async function main(words: readonly string[]): Promise<number> {
  try {
    return await command(words);
  } catch (error) {
    if (error instanceof UsageError) {
      console.error(`${error.message}\n\n${USAGE}`);
      return EXIT.usage;
    }
    if (error instanceof JobFault) {
      console.error(`${error.code}: ${error.message}${error.remedy === null ? '' : `\n${error.remedy}`}`);
      return error.domain === 'user' ? EXIT.wrong : EXIT.fault;
    }
    console.error(error);
    return EXIT.fault;
  }
}

async function command([name, ...words]: readonly string[]): Promise<number> {
  switch (name) {
    case 'serve':
      take(words, 0, {});
      return (await import('./serve.ts')).serve();
    case 'validate': {
      const { files } = take(words, 1, {});
      return (await import('./validate.ts')).validate(files[0] as string);
    }
    case 'match': {
      const { files, values } = take(words, 1, { events: { type: 'string' }, out: { type: 'string' }, 'side-outputs': { type: 'boolean' } });
      return (await import('./match.ts')).match(files[0] as string, { events: values.events ?? null, out: values.out ?? null, sideOutputs: values['side-outputs'] ?? false });
    }
    case 'run': {
      const { files, values } = take(words, 1, { events: { type: 'string' }, out: { type: 'string' } });
      return (await import('./run.ts')).run(files[0] as string, { events: values.events ?? null, out: values.out ?? null });
    }
    case 'schema': {
      take(words, 0, {});
      const { jobDocumentJsonSchema } = await import('@tidemark/pattern');
      console.log(JSON.stringify(jobDocumentJsonSchema(), null, 2));
      return EXIT.done;
    }
    case '--help':
    case '-h':
    case 'help':
      console.log(USAGE);
      return EXIT.done;
    case undefined:
      throw new UsageError('Which command?');
    default:
      throw new UsageError(`There is no command ${JSON.stringify(name)}.`);
  }
}

/** The files and options of a command; anything else is a usage error. */
function take<Options extends ParseArgsOptionsConfig>(words: readonly string[], fileCount: number, options: Options) {
  let parsed;
  try {
    parsed = parseArgs({ args: [...words], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
  if (parsed.positionals.length !== fileCount) throw new UsageError(fileCount === 0 ? 'This command takes no file.' : 'This command takes one job document.');
  return { files: parsed.positionals, values: parsed.values };
}
