/**
 * The two secrets of a data directory: the token that is printed, and the key that signs cookies.
 *
 * Always  made once from the system's random source and kept (files of mode 0600), so that open pages and scripts
 *         survive a restart; deleting the files makes new ones at the next start and ends every session.
 *         A file that others may read is tightened, a damaged one is replaced.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { chmodSync, closeSync, fsyncSync, openSync, readFileSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';

export interface Secrets {
  /** 32 random bytes, base64url: 43 characters. */
  readonly token: string;
  readonly cookieKey: Buffer;
}

const SHAPE = /^[A-Za-z0-9_-]{43}$/;

function keep(path: string): string {
  try {
    const text = readFileSync(path, 'utf8').trim();
    if (SHAPE.test(text)) {
      if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o600);
      return text;
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const made = randomBytes(32).toString('base64url');
  const file = openSync(path, 'w', 0o600);
  try {
    writeSync(file, `${made}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  chmodSync(path, 0o600); // the mode above is only for a file that did not exist
  return made;
}

export function loadSecrets(dataDir: string): Secrets {
  return { token: keep(join(dataDir, 'token')), cookieKey: Buffer.from(keep(join(dataDir, 'cookie-key')), 'base64url') };
}

/** Equality of two texts in a time that tells nothing about either. */
export function sameSecret(given: string, secret: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(secret));
}
