/** The log: lines of JSON on standard error, quiet unless TIDEMARK_LOG asks for more. Secrets never go in; likely places are blanked all the same. */
import { type Logger, destination, pino } from 'pino';

export type { Logger } from 'pino';

export const createLog = (level: string, stream: NodeJS.WritableStream | null = null): Logger => pino(
  { level, base: null, redact: { paths: ['token', '*.token', 'ticket', '*.ticket', 'cookie', '*.cookie', 'authorization', '*.authorization', 'headers', '*.headers'], censor: '[secret]' } },
  stream ?? destination({ dest: 2, sync: true }),
);
