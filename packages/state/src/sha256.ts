/** sha256 that runs wherever the engine runs. Shells on Node may inject their own; the answers are the same. */
import type { Hash } from '@tidemark/core';
import { sha256 as portable } from '@noble/hashes/sha2.js';

/** 32 bytes. */
export type Sha256 = (bytes: Uint8Array) => Uint8Array;

export const sha256: Sha256 = (bytes) => portable(bytes);

export function hex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return text;
}

export function createSha256(): Hash {
  const hash = portable.create();
  return { update: (bytes) => { hash.update(bytes); }, digest: () => hash.digest() };
}
