/**
 * The answers to "why no match?" as sentences in the language of the page.
 *
 * Always  made from the data of the trace alone; a stage is called as it is on the canvas. Lines come in the order of
 *         reading: what happened first.
 */
import type { ConditionPart, EndReason, EventReasons, ReadValue, StageReasons, StageSummary, TraceSummary, TracedEnding } from '@tidemark/cep';
import type { TFunction } from 'i18next';
import { formatSpan } from '../canvas/duration.ts';
import type { Language } from '../i18n/index.ts';
import { formatDateTime, formatTime } from './format-time.ts';

export const END_REASONS: readonly EndReason[] = ['window', 'gap', 'order', 'until', 'greedy', 'gate', 'skip'];

/** Which hue a stage's answer has: taken = green, blocked or refused by order = red, else none. */
export type Tone = 'good' | 'bad' | 'plain';

export interface WhyWords {
  readonly t: TFunction;
  readonly language: Language;
  /** Name of a stage as it is shown. */
  readonly nameOf: (stage: number) => string;
}

/** `matches`: of the run, which counts also where attempts are too many to be followed. */
export function leadOf({ verdict }: TraceSummary, { t, nameOf }: WhyWords, matches = 0): string {
  const { code, count } = verdict;
  const stage = verdict.stage === -1 ? '' : nameOf(verdict.stage);
  switch (code) {
    case 'too-many': return matches > 0 ? t('design.why.lead.matches', { count: matches }) : t('design.why.lead.too-many');
    case 'no-events': return t('design.why.lead.no-events');
    case 'not-met': return t('design.why.lead.not-met', { stage });
    case 'ended': return t(`design.why.lead.${verdict.reason === null || verdict.reason === 'skip' ? 'window' : verdict.reason}`, { count, stage });
    case 'waiting':
    case 'not-reached': return t(`design.why.lead.${code}`, { count, stage });
    default: return t(`design.why.lead.${code}`, { count });
  }
}

/** `3 out of time`, in the order of the reasons; nothing for what did not happen. */
export function endsOf({ ended }: StageSummary, { t }: WhyWords): readonly { readonly reason: EndReason; readonly count: number; readonly words: string }[] {
  return END_REASONS.filter((reason) => ended[reason] > 0).map((reason) => ({ reason, count: ended[reason], words: t(`design.why.end.${reason}`) }));
}

export function valueWords({ value, error, kind }: ReadValue, { t, language }: WhyWords): string {
  if (error !== null) return t('design.why.noValue');
  if (kind === 'timestamp') return formatDateTime(Number(value));
  if (kind === 'duration') return formatSpan(Number(value), language);
  if (Array.isArray(value)) return `[${value.slice(0, 6).map(String).join(', ')}${value.length > 6 ? ', …' : ''}]`;
  return typeof value === 'string' ? `“${value.slice(0, 80)}”` : String(value);
}

export const partWords = (part: ConditionPart, { t }: WhyWords): string => t(part.holds === 1 ? 'design.why.holds' : part.holds === 0 ? 'design.why.holdsNot' : 'design.why.holdsError');

/** What one stage did with the event. */
export function stageLines(reasons: StageReasons, event: EventReasons, words: WhyWords): readonly { readonly text: string; readonly tone: Tone }[] {
  const { t, language, nameOf } = words;
  const lines: { text: string; tone: Tone }[] = [];
  const say = (text: string, tone: Tone = 'plain'): void => { lines.push({ text, tone }); };
  const { verdict, took, refused, runs } = reasons;
  const begins = runs.some((run) => run.way === null && run.refusedBy === null);
  switch (verdict) {
    case 'late':
      say(t('design.why.verdict.late', { duration: formatSpan(event.lateMs ?? 0, language) }), 'bad');
      return lines;
    case 'blocks':
      say(t('design.why.verdict.blocks', { count: took }), 'bad');
      return lines;
    case 'no-effect':
      say(t('design.why.verdict.noEffect'));
      return lines;
    case 'nobody':
      say(reasons.meets === null ? t('design.why.verdict.nobodyPart') : t('design.why.verdict.nobody'));
      if (event.unknown === null) say(reasons.before === null ? t('design.why.verdict.neverBefore') : beforeWords(reasons.before, event.event.time, words));
      return lines;
    case 'not-met':
      say(reasons.gate ? t('design.why.verdict.gateNotMet') : t('design.why.verdict.notMet'));
      return lines;
    default:
  }
  if (begins) say(t('design.why.verdict.begins'), 'good');
  const others = took - (begins ? 1 : 0);
  if (others > 0) say(t('design.why.verdict.taken', { count: others }), 'good');
  const first = runs.some((run) => run.way === null);
  const waited = reasons.waited - (first ? 1 : 0);
  const strict = runs.filter((run) => run.ended === 'order').length;
  if (refused.condition > 0 && waited === 0) say(t('design.why.verdict.conditionFirst'));
  else if (refused.condition > 0 && waited > 0) {
    const count = Math.max(0, refused.condition - (first && !begins ? 1 : 0));
    if (count > 0) say(t('design.why.verdict.condition', { count }));
  }
  if (strict > 0) say(t('design.why.verdict.order', { count: strict }), 'bad');
  if (refused.until > 0) say(t('design.why.verdict.until', { count: refused.until }), 'bad');
  if (refused.greedy > 0) {
    const by = runs.find((run) => run.refusedBy === 'greedy')?.byStage ?? -1;
    say(t('design.why.verdict.greedy', { count: refused.greedy, by: by === -1 ? '' : nameOf(by) }), 'bad');
  }
  if (refused.gate > 0) say(t('design.why.verdict.gate', { count: refused.gate }), 'bad');
  return lines;
}

/** How the last attempt that waited for a stage ended before the event came. */
export function beforeWords(ending: TracedEnding, eventTime: number, { t, language }: WhyWords): string {
  const start = formatTime(ending.way.start);
  const record = (ending.by?.position ?? 0) + 1;
  switch (ending.reason) {
    case 'window':
    case 'gap': return t(`design.why.verdict.before.${ending.reason}`, { start, at: formatTime(ending.at), earlier: formatSpan(Math.max(0, eventTime - ending.at), language) });
    case 'skip': return t('design.why.verdict.before.skip', { start });
    default: return t(`design.why.verdict.before.${ending.reason}`, { start, record });
  }
}

/** What is true of the event as a whole, before its stages. */
export function eventLines(reasons: EventReasons, keyFields: readonly string[], { t }: WhyWords): readonly string[] {
  const lines: string[] = [];
  if (reasons.keyMissing.length > 0) lines.push(t('design.why.verdict.keyMissing', { fields: keyFields.join(', ') }));
  if (reasons.unknown === 'too-many') lines.push(t('design.why.verdict.tooMany'));
  if (reasons.unknown === 'fault') lines.push(t('design.why.verdict.fault'));
  if (reasons.unknown !== null || reasons.lateMs !== null) return lines;
  lines.push(t('design.why.attempts', { count: reasons.waiting }));
  const expired = reasons.ended.filter((ending) => ending.by === null).length;
  if (expired > 0) lines.push(t('design.why.verdict.expired', { count: expired }));
  if (reasons.completed > 0) lines.push(t('design.why.verdict.completed', { count: reasons.completed }));
  if (reasons.held > 0) lines.push(t('design.why.verdict.held', { count: reasons.held }));
  if (reasons.lookedAt < reasons.waiting) lines.push(t('design.why.lookedAt', { n: reasons.lookedAt }));
  return lines;
}
