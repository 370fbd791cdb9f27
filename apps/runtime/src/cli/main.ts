/** Reads the command line and runs one command. */
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { JobFault } from '@tidemark/core';
import { EXIT } from './exit.ts';

const COMMANDS = {
  serve: `
  tidemark serve                               designer and runtime on one port`,
  validate: `
  tidemark validate JOB.json                   every issue of a job document, with its place`,
  match: `
  tidemark match JOB.json --events FILE        matches as NDJSON; one process, no checkpoints
         [--out FILE] [--side-outputs]         with timed-out partial matches, late events, dead letters`,
  run: `
  tidemark run JOB.json                        the real thing without the page: worker processes,
         [--out FILE] [--events FILE]          checkpoints, committed output; ends when the source ends`,
  schema: `
  tidemark schema                              JSON Schema of the job document`,
} as const;
type Command = keyof typeof COMMANDS;

const USAGE = `Tidemark: draw, test, deploy and watch patterns over streams of events.
${Object.values(COMMANDS).join('')}

Events are NDJSON, CSV or JSON. Lines go to standard output, what happened to standard error.

Settings, by environment:
  TIDEMARK_PORT (4747)      TIDEMARK_HOST (127.0.0.1)      TIDEMARK_LOG (warn)
  TIDEMARK_DATA             data directory of serve (./.tidemark)
  TIDEMARK_FILES            folder whose files a deployed document may name as its source
  TIDEMARK_ALLOWED_HOSTS    further names under which the server is reached, separated by commas
  TIDEMARK_ORIGINS          further origins whose pages may call, separated by commas

Exit codes: 0 done, 1 the document or the data is wrong, 2 usage, 3 a fault at run time.`;

class UsageError extends Error {
  readonly command: Command | null;

  constructor(message: string, command: Command | null) {
    super(message);
    this.command = command;
  }
}

export async function main(words: readonly string[]): Promise<number> {
  try {
    return await command(words);
  } catch (error) {
    if (error instanceof UsageError) {
      console.error(`${error.message}\n${error.command === null ? `\n${USAGE}` : COMMANDS[error.command]}`);
      return EXIT.usage;
    }
    if (error instanceof JobFault) {
      console.error(`${error.message}${error.remedy === null ? '' : `\n${error.remedy}`}`);
      return error.domain === 'user' ? EXIT.wrong : EXIT.fault;
    }
    console.error(error);
    return EXIT.fault;
  }
}

async function command([name, ...words]: readonly string[]): Promise<number> {
  if (name !== undefined && Object.hasOwn(COMMANDS, name) && words.some((word) => word === '--help' || word === '-h')) {
    console.log(COMMANDS[name as Command].trimStart());
    return EXIT.done;
  }
  switch (name) {
    case 'serve':
      take('serve', words, {});
      return (await import('./serve.ts')).serve();
    case 'validate': {
      const { file } = take('validate', words, {});
      return (await import('./validate.ts')).validate(file);
    }
    case 'match': {
      const { file, values } = take('match', words, { events: { type: 'string' }, out: { type: 'string' }, 'side-outputs': { type: 'boolean' } });
      return (await import('./match.ts')).match(file, { events: values.events ?? null, out: values.out ?? null, sideOutputs: values['side-outputs'] ?? false });
    }
    case 'run': {
      const { file, values } = take('run', words, { events: { type: 'string' }, out: { type: 'string' } });
      return (await import('./run.ts')).run(file, { events: values.events ?? null, out: values.out ?? null });
    }
    case 'schema': {
      take('schema', words, {});
      const { jobDocumentJsonSchema } = await import('@tidemark/pattern');
      console.log(JSON.stringify(jobDocumentJsonSchema(), null, 2));
      return EXIT.done;
    }
    case '--help':
    case '-h':
    case 'help':
      console.log(USAGE);
      return EXIT.done;
    case '--version':
      console.log((await import('./version.ts')).VERSION);
      return EXIT.done;
    case undefined:
      throw new UsageError('Which command?', null);
    default:
      throw new UsageError(`There is no command ${JSON.stringify(name)}.`, null);
  }
}

/** The job document and the options of a command; anything else is a usage error. */
function take<Options extends ParseArgsOptionsConfig>(name: Command, words: readonly string[], options: Options) {
  let parsed;
  try {
    parsed = parseArgs({ args: [...words], options, allowPositionals: true, strict: true, tokens: true });
  } catch (error) {
    // of what Node says, the first sentence is for a person
    throw new UsageError(`${((error as Error).message.split(/\. |\n/, 1)[0] as string).replace(/\.$/, '')}.`, name);
  }
  const seen = new Set<string>();
  for (const token of parsed.tokens ?? []) {
    if (token.kind !== 'option') continue;
    if (seen.has(token.name)) throw new UsageError(`--${token.name} stands there twice.`, name);
    if (token.value === '') throw new UsageError(`--${token.name} is empty.`, name);
    seen.add(token.name);
  }
  const { positionals: [file = '', ...others], values } = parsed;
  if (name === 'serve' || name === 'schema') {
    if (parsed.positionals.length > 0) throw new UsageError(`"${name}" takes no file.`, name);
  } else if (file === '') throw new UsageError(`"${name}" needs a job document.`, name);
  else if (others.length > 0) throw new UsageError(`"${name}" takes one job document, and there are ${others.length + 1} names.`, name);
  return { file, values };
}
