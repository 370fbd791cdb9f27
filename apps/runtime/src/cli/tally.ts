/** What came out of a run, in figures and in words: the same for `match` and `run`. */
import type { OutputLine } from '@tidemark/cep';
import { count } from './job-file.ts';

const LETTERS_SHOWN = 5;
const HEAD = /^\{"matchId":"\w+",(?:"pattern":"[\w-]+",)?"kind":"([a-z-]+)"/;

interface DeadLetterLine { readonly split: number; readonly position: number; readonly offset: number; readonly reason: string; readonly detail: string }

export class Tally {
  readonly lines: Record<OutputLine['kind'], number> = { match: 0, 'timed-out': 0, late: 0, 'dead-letter': 0 };
  readonly #reasons = new Map<string, number>();
  readonly #letters: string[] = [];

  /** One output line. */
  add(line: string): void {
    const kind = (HEAD.exec(line)?.[1] ?? 'match') as OutputLine['kind'];
    this.lines[kind] += 1;
    if (kind !== 'dead-letter') return;
    const { split, position, offset, reason, detail } = JSON.parse(line) as DeadLetterLine;
    this.#reasons.set(reason, (this.#reasons.get(reason) ?? 0) + 1);
    if (this.#letters.length < LETTERS_SHOWN) this.#letters.push(`dead letter at ${split}:${position}, byte ${offset}: ${reason}: ${detail}`);
  }

  get total(): number {
    return Object.values(this.lines).reduce((sum, n) => sum + n, 0);
  }

  /** The first dead letters, each with place and reason. */
  letters(): readonly string[] {
    const more = this.lines['dead-letter'] - this.#letters.length;
    return more > 0 ? [...this.#letters, `and ${count(more, 'further dead letter')}`] : this.#letters;
  }

  /** Counts, without zeros but for matches. `late`: all of them, also where the pattern does not want them put out. */
  counts(late: number): string[] {
    const reasons = [...this.#reasons].map(([reason, n]) => `${n.toLocaleString('en-US')} ${reason}`).join(', ');
    return [
      count(this.lines.match, 'match'),
      ...(this.lines['timed-out'] > 0 ? [count(this.lines['timed-out'], 'timed-out partial match')] : []),
      ...(late > 0 ? [count(late, 'late event')] : []),
      ...(this.lines['dead-letter'] > 0 ? [`${count(this.lines['dead-letter'], 'dead letter')} (${reasons})`] : []),
    ];
  }
}
