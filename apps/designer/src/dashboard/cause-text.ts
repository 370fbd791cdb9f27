/**
 * The sentence for a fault in the language of the page: by its code where we have words for it, else the runtime's own.
 */
import type { TFunction } from 'i18next';
import { en } from '../i18n/index.ts';

interface Cause { readonly code: string; readonly message: string; readonly remedy: string | null; readonly workerId?: string | null }
type Known = keyof typeof en.live.cause;
const isKnown = (code: string): code is Known => Object.hasOwn(en.live.cause, code);

export const causeText = (cause: Cause, t: TFunction): string => (isKnown(cause.code) ? t(`live.cause.${cause.code}`, { worker: cause.workerId ?? '' }) : cause.message);
