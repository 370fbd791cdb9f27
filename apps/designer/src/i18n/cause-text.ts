/**
 * Why a job failed or restarted, in the language of the page. English is the runtime's own, with its details; Chinese
 * comes from a table by code, and an unknown code shows the runtime's sentence rather than nothing.
 */
import type { Language } from './index.ts';
import { CAUSES_ZH } from './zh/causes.ts';

export interface Cause { readonly code: string; readonly message: string; readonly remedy: string | null; readonly workerId?: string | null | undefined }
export interface CauseWords { readonly message: string; readonly remedy: string | null }

export function causeText({ code, message, remedy, workerId }: Cause, language: Language): CauseWords {
  if (language === 'en') return { message: `${message.charAt(0).toUpperCase()}${message.slice(1)}${/[.!?]$/.test(message) ? '' : '.'}`, remedy };
  const entry = Object.hasOwn(CAUSES_ZH, code) ? CAUSES_ZH[code] : undefined;
  if (entry === undefined) return { message, remedy };
  return { message: entry[0].replace('{worker}', workerId ?? '').replace('  ', ' '), remedy: entry[1] };
}
