/** A job document from a file: decoded and validated, every issue printed with its place. */
import { readFile } from 'node:fs/promises';
import type { ValidatedJob } from '@tidemark/pattern';
import type { Issue } from '@tidemark/protocol';
import { understand } from '../language.ts';
import { EXIT } from './exit.ts';

export type Loaded = { readonly job: ValidatedJob; readonly warnings: number } | { readonly code: number };

export async function loadJob(path: string, { forDeployment = false } = {}): Promise<Loaded> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    console.error(`${path}: ${unreadable(error)}`);
    return { code: EXIT.wrong };
  }
  const { issues, job } = understand(text, { forDeployment });
  for (const issue of issues) console.error(issueText(path, issue));
  if (job === null) {
    console.error(`${count(issues.filter((issue) => issue.severity === 'error').length, 'error')} in ${path}`);
    return { code: EXIT.wrong };
  }
  return { job, warnings: issues.length };
}

export function issueText(path: string, { severity, code, path: place, nodeId, message, fix, range }: Issue): string {
  const where = [place, nodeId === null ? null : `node ${nodeId}`, range === null ? null : `characters ${range.start} to ${range.end}`].filter((part) => part !== null);
  return `${path}: ${severity} ${code} at ${where.join(', ')}\n  ${message}${fix === null ? '' : `\n  ${fix}`}`;
}

export const count = (n: number, word: string): string => `${n.toLocaleString('en-US')} ${word}${n === 1 ? '' : word.endsWith('h') ? 'es' : 's'}`;

export function unreadable(error: unknown): string {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
    case 'ENOTDIR': return 'there is no such file';
    case 'EISDIR': return 'this is a directory, not a file';
    case 'EACCES':
    case 'EPERM': return 'you may not read this file';
    case 'ELOOP': return 'this is a link that leads nowhere';
    case 'ENAMETOOLONG': return 'this name is too long for a file';
    default: return `this cannot be read: ${(error as Error).message}`;
  }
}
