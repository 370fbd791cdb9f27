/**
 * Row order: which of two rows of one key comes first.
 *
 * Always  by time; among equal times by the fields of the pattern's tie-break, if it has one; then by split and position.
 *         Texts go by code points, false before true, an absent value before every other; DESC turns a field round.
 * Source  Flink's EventComparator on a pattern stream, which sorts events of equal time and leaves the rest as it came.
 * Not here: who asks (held-rows.ts, cep-operator.ts).
 */
import { compareTexts } from '@tidemark/condition';
import type { Column, EventBatch } from '@tidemark/event';
import type { TieBreakField } from '@tidemark/pattern';

type Rows = Pick<EventBatch, 'time' | 'position' | 'split' | 'columns'>;

export class RowOrder {
  readonly #tieBreak: readonly TieBreakField[];

  constructor(tieBreak: readonly TieBreakField[]) {
    this.#tieBreak = tieBreak;
  }

  /** Whether among equal times anything counts but arrival. */
  get hasTieBreak(): boolean { return this.#tieBreak.length > 0; }

  isEarlier(a: Rows, rowA: number, b: Rows, rowB: number): boolean {
    const timeA = a.time[rowA] as number;
    const timeB = b.time[rowB] as number;
    if (timeA !== timeB) return timeA < timeB;
    if (this.#tieBreak.length > 0) {
      const tie = this.#compare(a, rowA, b, rowB);
      if (tie !== 0) return tie < 0;
    }
    if (a.split !== b.split) return a.split < b.split;
    return (a.position[rowA] as number) < (b.position[rowB] as number);
  }

  /** Whether rows [0, length), whose times do not fall, are in this order. */
  holds(rows: Rows, length: number): boolean {
    if (this.#tieBreak.length === 0) return true;
    for (let row = 1; row < length; row += 1) {
      if (rows.time[row] === rows.time[row - 1] && this.isEarlier(rows, row, rows, row - 1)) return false;
    }
    return true;
  }

  #compare(a: Rows, rowA: number, b: Rows, rowB: number): number {
    for (const { field, descending } of this.#tieBreak) {
      const compared = compareValues(a.columns[field] as Column, rowA, b.columns[field] as Column, rowB);
      if (compared !== 0) return descending ? -compared : compared;
    }
    return 0;
  }
}

function compareValues(a: Column, rowA: number, b: Column, rowB: number): number {
  const present = (a.present[rowA] as number) - (b.present[rowB] as number);
  if (present !== 0 || a.present[rowA] === 0) return present;
  if (a.kind === 'string' && b.kind === 'string') {
    const codeA = a.codes[rowA] as number;
    const codeB = b.codes[rowB] as number;
    if (a.dictionary === b.dictionary && codeA === codeB) return 0;
    return compareTexts(a.dictionary.text(codeA), b.dictionary.text(codeB));
  }
  if (a.kind === 'string' || b.kind === 'string') return 0;
  return (a.values[rowA] as number) - (b.values[rowB] as number);
}
