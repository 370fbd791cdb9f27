/** `tidemark serve`: designer and runtime on one port, until a signal ends it. */
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { errorCode } from '@tidemark/core';
import { isLoopback } from '../auth/origin.ts';
import { DirectoryInUse } from '../data/data-directory.ts';
import { createLog } from '../log.ts';
import { PortTaken, type Runtime, startRuntime } from '../runtime.ts';
import { EXIT } from './exit.ts';
import { npmGone } from './npm-gone.ts';
import { VERSION } from './version.ts';
import { runReference, targetOn, templateSamples } from './wiring.ts';

const list = z.string().default('').transform((text) => text.split(',').map((part) => part.trim()).filter((part) => part !== ''));
const zEnvironment = z.object({
  TIDEMARK_PORT: z.string().regex(/^\d{1,5}$/, 'a number from 0 to 65535').default('4747').transform(Number).pipe(z.number().max(65_535, 'a number from 0 to 65535')),
  TIDEMARK_HOST: z.string().min(1, 'more than nothing, or not set').default('127.0.0.1'),
  TIDEMARK_DATA: z.string().min(1, 'more than nothing, or not set').default('./.tidemark'),
  TIDEMARK_FILES: z.string().min(1, 'more than nothing, or not set').optional(),
  TIDEMARK_ALLOWED_HOSTS: list,
  TIDEMARK_ORIGINS: list,
  TIDEMARK_LOG: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], 'one of trace, debug, info, warn, error, fatal, silent').default('warn'),
});

export async function serve(): Promise<number> {
  const parent = process.ppid;
  // whoever reads our lines may go away (a pipe into head, a closed terminal): the server stays
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  const settings = zEnvironment.safeParse(process.env);
  if (!settings.success) {
    for (const { path: [name], message } of settings.error.issues) console.error(`${String(name)} is ${JSON.stringify(process.env[String(name)])} and must be ${message}.`);
    return EXIT.usage;
  }
  const { TIDEMARK_PORT: port, TIDEMARK_HOST: host, TIDEMARK_DATA: dataDir } = settings.data;
  const log = createLog(settings.data.TIDEMARK_LOG);
  const started = performance.now();
  let number = 0;
  const step = (sentence: string): void => console.log(`[${++number}] ${sentence}`);

  let runtime: Runtime;
  try {
    runtime = await startRuntime({
      dataDir: resolve(dataDir), host, port, version: VERSION, designerDir: resolve(import.meta.dirname, '../../../designer/dist'),
      filesRoot: settings.data.TIDEMARK_FILES ?? null, allowedHosts: settings.data.TIDEMARK_ALLOWED_HOSTS, allowedOrigins: settings.data.TIDEMARK_ORIGINS,
      runningJobsMax: 16, requestsPerMinute: 3_000, loginsPerMinute: 20,
    }, {
      log, step, target: targetOn(log), templateSamples: await templateSamples(), runReference, now: () => Date.now(),
      clock: {
        monotonic: () => performance.now(),
        schedule: (ms, callback) => {
          const timer = setTimeout(callback, ms);
          return () => clearTimeout(timer);
        },
      },
    });
  } catch (error) {
    const sentence = refusal(error, settings.data);
    if (sentence === null) throw error;
    console.error(sentence);
    return EXIT.fault;
  }

  step(`Ready in ${((performance.now() - started) / 1_000).toFixed(1)} s`);
  console.log([
    '',
    `Tidemark is running at ${runtime.origin}/#token=${runtime.token}`,
    isLoopback(host) ? `From another machine: ssh -N -L ${runtime.port}:127.0.0.1:${runtime.port} USER@THIS-MACHINE, then open the same address there.`
      : `Warning: it listens on ${host}, in plain HTTP, for everybody who can reach this machine; the token is all that keeps them out. A tunnel to 127.0.0.1 is safer.`,
    'Stop it with Ctrl-C; running jobs go on at the next start.',
  ].join('\n'));

  // A promise that nobody looked at must not end the jobs; what was thrown at nobody leaves no one to trust.
  process.on('unhandledRejection', (error) => log.error({ err: error }, 'a rejection that nobody handled'));
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'an error that nobody caught');
    console.error('Tidemark stops because of a fault of its own; running jobs go on at the next start.');
    process.exit(EXIT.fault);
  });

  const signal = await Promise.race([firstSignal(), npmGone(parent)]);
  console.log(`\n${signal}: stopping …`);
  process.once(signal, () => process.exit(130)); // a second one does not wait
  await runtime.close();
  console.log('Stopped. Running jobs go on at the next start.');
  return EXIT.done;
}

function refusal(error: unknown, { TIDEMARK_PORT: port, TIDEMARK_HOST: host, TIDEMARK_DATA: dataDir }: z.infer<typeof zEnvironment>): string | null {
  if (error instanceof DirectoryInUse) return `${error.message} Stop that one first, or give this one a directory of its own: TIDEMARK_DATA=./other`;
  if (error instanceof PortTaken) return `${error.message} Choose another one: TIDEMARK_PORT=${port < 65_535 ? port + 1 : port - 1}`;
  const data = `The data directory ${resolve(dataDir)}`;
  const other = 'Name another one: TIDEMARK_DATA=./other';
  const code = errorCode(error);
  if ((error as NodeJS.ErrnoException).syscall === 'listen' && code === 'EACCES') return `You may not listen on port ${port}. Choose one above 1023: TIDEMARK_PORT=4747`;
  switch (code) {
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN': return `This machine has no address ${host} to listen on. Leave TIDEMARK_HOST out, or set it to an address of this machine.`;
    case 'EEXIST':
    case 'ENOTDIR': return `${data} cannot be made: a file stands there. ${other}`;
    case 'ENOENT':
    case 'EINVAL':
    case 'ENOTSUP': return `${data} cannot be made: nothing can be made in ${dirname(resolve(dataDir))}. ${other}`;
    case 'EACCES':
    case 'EPERM': return `${data} may not be written to (${(error as Error).message}). ${other}`;
    case 'EROFS': return `${data} lies on a disk that cannot be written to. ${other}`;
    case 'ENOSPC': return `The disk of the data directory ${resolve(dataDir)} is full. Make room on it, or name another directory: TIDEMARK_DATA=./other`;
    default: return null;
  }
}

const firstSignal = (): Promise<'SIGINT' | 'SIGTERM'> => new Promise((found) => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => found(signal));
});
