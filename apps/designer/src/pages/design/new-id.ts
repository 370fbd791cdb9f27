/** Ids for what is new on the canvas: short, random, free in the document. */
import { freshId } from '@tidemark/editor';
import type { PatternGraph } from '@tidemark/pattern';

/** Works without a secure context, where crypto.randomUUID is missing. */
const randomText = (): string => Array.from(crypto.getRandomValues(new Uint8Array(5)), (byte) => byte.toString(16).padStart(2, '0')).join('');

export const newId = (pattern: PatternGraph): string => freshId({ patterns: [pattern] }, 's', randomText);
