/**
 * Why a job failed or restarted, in the language of the page. English is the runtime's own, with its details; Chinese
 * comes from tables by code, with the details that the runtime's sentence has; an unknown code shows that sentence
 * rather than nothing.
 */
import type { Language } from './index.ts';
import { CAUSES_ZH, CAUSE_DETAILS_ZH, CHECKPOINT_FAILURES_ZH, EVALUATION_ZH } from './zh/causes.ts';

export interface Cause { readonly code: string; readonly message: string; readonly remedy: string | null; readonly workerId?: string | null | undefined }
export interface CauseWords { readonly message: string; readonly remedy: string | null }

export function causeText({ code, message, remedy, workerId }: Cause, language: Language): CauseWords {
  if (language === 'en') return { message: `${message.charAt(0).toUpperCase()}${message.slice(1)}${/[.!?]$/.test(message) ? '' : '.'}`, remedy };
  const entry = Object.hasOwn(CAUSES_ZH, code) ? CAUSES_ZH[code] : undefined;
  if (entry === undefined) return { message, remedy };
  const details = Object.hasOwn(CAUSE_DETAILS_ZH, code) ? inForm(message, CAUSE_DETAILS_ZH[code] ?? []) : null;
  return { message: details ?? entry[0].replace('{worker}', workerId ?? '').replace('  ', ' '), remedy: entry[1] };
}

/** Why a checkpoint failed. */
export const checkpointFailureText = (failure: string, language: Language): string =>
  (language === 'en' ? failure : inForm(failure, CHECKPOINT_FAILURES_ZH) ?? failure);

/** The sentence of the first form that `text` has, filled; null where it has none. */
function inForm(text: string, forms: readonly (readonly [form: RegExp, sentence: string])[]): string | null {
  for (const [form, sentence] of forms) {
    const groups = form.exec(text)?.groups;
    if (groups === undefined && !form.test(text)) continue;
    const values: Record<string, string | undefined> = { ...groups };
    if (values['why'] !== undefined) values['why'] = inForm(values['why'], EVALUATION_ZH) ?? values['why'];
    const fill = (words: string): string => words.replaceAll(/\{(\w+)\}/g, (_, name: string) => values[name] ?? '');
    return fill(sentence.replaceAll(/\[([^\]]*)\]/g, (_, part: string) =>
      ([...part.matchAll(/\{(\w+)\}/g)].every(([, name]) => values[name as string] !== undefined) ? part : '')));
  }
  return null;
}
