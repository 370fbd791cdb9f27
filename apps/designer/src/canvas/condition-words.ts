/** A condition in words, one entry for each part that all must hold. Not here: what it means (packages/condition). */
import type { JobDocument } from '@tidemark/pattern';
import type { TFunction } from 'i18next';
import type { Language } from '../i18n/index.ts';

export function conditionLines(expression: string, _document: JobDocument, _language: Language, _t: TFunction): readonly string[] {
  return expression.split('&&').map((part) => part.trim().replaceAll('event.', ''));
}
