/**
 * `npm run cases -- [--every-key] [--explicit] [--strategy=NAME] FILE…`: runs cases (.json, .json.gz) against the engine.
 *
 * Prints the id of each failing case with what was expected and what came, and as its last line
 * `N passed, N failed, N skipped`. Ordered cases run on explicit runs, the others as the compiler chooses;
 * with --explicit all of them do. With --strategy all run that way, from the first partial match on; where it does not
 * apply to the pattern a case is skipped.
 */
import { readFileSync } from 'node:fs';
import { argv, exit, stdout } from 'node:process';
import { gunzipSync } from 'node:zlib';
import { STRATEGIES } from '@tidemark/cep';
import { type Case, runCase } from './run-case.ts';

export function readCases(file: string): readonly Case[] {
  const bytes = readFileSync(file);
  const text = file.endsWith('.gz') ? gunzipSync(bytes).toString('utf8') : bytes.toString('utf8');
  return JSON.parse(text) as readonly Case[];
}

function main(args: readonly string[]): number {
  const everyKey = args.includes('--every-key');
  const explicit = args.includes('--explicit');
  const forced = STRATEGIES.find((strategy) => args.includes(`--strategy=${strategy}`));
  const files = args.filter((argument) => !argument.startsWith('--'));
  if (files.length === 0) {
    stdout.write('usage: npm run cases -- [--every-key] [--explicit] [--strategy=NAME] FILE…\n');
    return 2;
  }
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const file of files) {
    for (const one of readCases(file)) {
      const result = runCase(one, forced ? { everyKey, strategy: forced, turnAt: 0 } : { everyKey, strategy: explicit || one.ordered ? 'explicit' : 'auto' });
      counts[result.outcome] += 1;
      if (result.outcome !== 'failed') continue;
      stdout.write(`FAILED ${one.id}\n  expected ${JSON.stringify(result.expected)}\n  actual   ${JSON.stringify(result.actual)}\n`);
    }
  }
  stdout.write(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`);
  return counts.failed === 0 ? 0 : 1;
}

if (import.meta.main) exit(main(argv.slice(2)));
