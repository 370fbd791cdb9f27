/**
 * Flink's Pattern API, as far as it refuses: what each call on a step checks and changes, and in which order.
 *
 * The document and the cases are both written down as such calls; whatever Flink would throw while the pattern is
 * built is found here, with Flink's own exception and message beside our code.
 *
 * Always  a refused call changes what it was meant to change all the same, as far as that makes sense, so that one
 *         mistake does not bring a tail of others; the first refusal is the one that Flink throws.
 * Not here: what Flink checks when the built pattern is compiled (compile-checks.ts).
 * Source  Flink 2.3 flink-cep, behaviour of Pattern, GroupPattern and Quantifier; semantics §1.2, rules 5 to 20.
 */
import type { IssueCode } from './issue-catalog.ts';
import type { FlinkRefusal } from './issue.ts';

export type StepLink = 'begin' | 'next' | 'followedBy' | 'followedByAny' | 'notNext' | 'notFollowedBy';
export type WindowType = 'FIRST_AND_LAST' | 'PREVIOUS_AND_CURRENT';
type Property = 'SINGLE' | 'LOOPING' | 'TIMES' | 'OPTIONAL' | 'GREEDY';
type Strategy = 'STRICT' | 'SKIP_TILL_NEXT' | 'SKIP_TILL_ANY';

export type ApiCall =
  | readonly ['where' | 'or' | 'until', string | null]
  | readonly ['subtype', string]
  | readonly ['oneOrMore', (number | null)?]
  | readonly ['timesOrMore', number, (number | null)?]
  /** n, or from and to, or from, to and window. */
  | readonly ['times', number, (number | null)?, (number | null)?]
  | readonly ['optional' | 'greedy' | 'consecutive' | 'allowCombinations']
  | readonly ['within', number, WindowType?];

export interface ApiRefusal {
  readonly code: IssueCode;
  readonly values: Readonly<Record<string, string | number>>;
  readonly flink: FlinkRefusal;
}

const PROPERTIES: readonly Property[] = ['SINGLE', 'LOOPING', 'TIMES', 'OPTIONAL', 'GREEDY'];
const OUTER: Readonly<Record<StepLink, string>> = {
  begin: 'STRICT', next: 'STRICT', followedBy: 'SKIP_TILL_NEXT', followedByAny: 'SKIP_TILL_ANY', notNext: 'NOT_NEXT', notFollowedBy: 'NOT_FOLLOW',
};
const OPTIONAL_BEFORE_NOT = 'Specifying a pattern with an optional path to NOT condition is not supported yet. '
  + 'You can simulate such pattern with two independent patterns, one with and the other without the optional part.';

/** One step under construction. */
export class ApiStep {
  readonly name: string;
  readonly link: StepLink;
  readonly isGroup: boolean;
  readonly previous: ApiStep | null;
  /** What the link call itself refuses (rule 5). */
  readonly linkRefusal: ApiRefusal | null;
  condition: string | null = null;
  until: string | null = null;
  times: { from: number; to: number; windowMs: number | null } | null = null;
  firstAndLastMs: number | null = null;
  previousAndCurrentMs: number | null = null;
  inner: Strategy = 'SKIP_TILL_NEXT';
  #properties: ReadonlySet<Property> = new Set(['SINGLE']);

  constructor(name: string, link: StepLink, isGroup: boolean, previous: ApiStep | null) {
    this.name = name;
    this.link = link;
    this.isGroup = isGroup;
    this.previous = previous;
    this.linkRefusal = this.isGate && previous?.has('OPTIONAL')
      ? this.#refuse('gate-after-optional', 'UnsupportedOperationException', OPTIONAL_BEFORE_NOT, { previous: previous.name })
      : null;
  }

  has(property: Property): boolean {
    return this.#properties.has(property);
  }

  get isGate(): boolean {
    return this.link === 'notNext' || this.link === 'notFollowedBy';
  }

  /** The quantifier as Flink prints it. */
  get quantifierText(): string {
    const properties = PROPERTIES.filter((property) => this.has(property)).join(', ');
    return `Quantifier{properties=[${properties}], consumingStrategy=${OUTER[this.link]}, innerConsumingStrategy=${this.inner}}`;
  }

  /** Makes the call; what Flink throws at it, or null. */
  call(call: ApiCall): ApiRefusal | null {
    switch (call[0]) {
      case 'where':
      case 'or':
      case 'subtype':
        return this.#condition(call[0], call[1]);
      case 'until': {
        if (call[1] === null) return this.#refuse('condition-missing', 'NullPointerException', 'The condition cannot be null');
        const refusal = this.until !== null ? this.#refuse('until-twice', 'MalformedPatternException', 'Only one until condition can be applied.')
          : this.has('LOOPING') ? null
            : this.#refuse('until-without-loop', 'MalformedPatternException', 'The until condition is only applicable to looping states.');
        this.until ??= call[1];
        return refusal;
      }
      case 'oneOrMore':
        return this.#quantifier('LOOPING', 1, 1, call[1] ?? null, null);
      case 'timesOrMore':
        return this.#quantifier('LOOPING', call[1], call[1], call[2] ?? null, null);
      case 'times': {
        const [, from, to, windowMs] = call;
        return to === undefined || to === null
          ? this.#quantifier('TIMES', from, from, windowMs ?? null, from > 0 ? null : 'You should give a positive number greater than 0.')
          : this.#quantifier('TIMES', from, to, windowMs ?? null, null, from === 0);
      }
      case 'optional': {
        const refusal = this.previous?.has('GREEDY')
          ? this.#refuse('optional-after-greedy', 'MalformedPatternException', 'Optional pattern cannot be preceded by greedy pattern', { previous: this.previous.name })
          : this.#optional();
        this.#add('OPTIONAL');
        return refusal;
      }
      case 'greedy': {
        const refusal = this.isGate ? this.#notOnGate()
          : this.isGroup ? this.#refuse('greedy-group', 'MalformedPatternException', 'Option not applicable to group pattern')
            : this.inner === 'SKIP_TILL_ANY' ? this.#refuse('greedy-with-combinations', 'MalformedPatternException', 'Option not applicable to FollowedByAny pattern')
              : this.has('SINGLE') ? this.#refuse('greedy-single', 'MalformedPatternException', 'Option not applicable to singleton quantifier')
                : null;
        this.#add('GREEDY');
        return refusal;
      }
      case 'consecutive':
      case 'allowCombinations':
        return this.#inner(call[0] === 'consecutive');
      default:
        if (call[2] === 'PREVIOUS_AND_CURRENT') this.previousAndCurrentMs = call[1];
        else this.firstAndLastMs = call[1];
        return null;
    }
  }

  #condition(call: 'where' | 'or' | 'subtype', text: string | null): ApiRefusal | null {
    if (this.isGroup) return this.#refuse('condition-on-group', 'UnsupportedOperationException', `GroupPattern does not support ${call} clause.`);
    if (text === null) {
      return this.#refuse('condition-missing', 'NullPointerException', call === 'subtype' ? 'The class cannot be null.' : 'The condition cannot be null.');
    }
    const added = call === 'subtype' ? `event.type == ${JSON.stringify(text)}` : text;
    this.condition = this.condition === null ? added : `(${this.condition}) ${call === 'or' ? '||' : '&&'} (${added})`;
    return null;
  }

  #quantifier(kind: 'LOOPING' | 'TIMES', from: number, to: number, windowMs: number | null, notPositive: string | null, orNone = false): ApiRefusal | null {
    const first = orNone ? 1 : from;
    const refusal = this.isGate ? this.#notOnGate()
      : !this.has('SINGLE')
        ? this.#refuse('quantifier-twice', 'MalformedPatternException', `Already applied quantifier to this Pattern. Current quantifier is: ${this.quantifierText}`)
        : notPositive !== null ? this.#refuse('times-not-positive', 'IllegalArgumentException', notPositive, { from })
          : first <= 0 ? this.#refuse('times-from-not-positive', 'IllegalArgumentException', 'The from should be a positive number greater than 0.', { from, to })
            : to < first ? this.#refuse('times-range-empty', 'IllegalArgumentException', `The to should be a number greater than or equal to from: ${first}.`, { from, to })
              : null;
    // the whole quantifier is replaced: an optional or an inner contiguity set before is lost, as in Flink
    this.#properties = new Set<Property>(orNone ? [kind, 'OPTIONAL'] : [kind]);
    this.inner = 'SKIP_TILL_NEXT';
    this.times = { from: Math.max(1, first), to: Math.max(1, first, to), windowMs };
    return refusal;
  }

  #optional(): ApiRefusal | null {
    if (this.has('OPTIONAL')) return this.#refuse('optional-twice', 'MalformedPatternException', 'Optional already applied!');
    return this.isGate ? this.#refuse('optional-gate', 'MalformedPatternException', 'NOT pattern cannot be optional') : null;
  }

  #inner(consecutive: boolean): ApiRefusal | null {
    const malformed = 'MalformedPatternException';
    const both = 'You can apply either combinations or consecutive, not both!';
    const single = this.has('SINGLE');
    const refusal = consecutive
      ? single ? this.#refuse('consecutive-single', malformed, `Consecutive not applicable to ${this.quantifierText}!`)
        : this.inner === 'SKIP_TILL_ANY' ? this.#refuse('consecutive-and-combinations', malformed, both)
          : this.inner === 'STRICT' ? this.#refuse('consecutive-twice', malformed, 'Consecutive already applied!') : null
      : single ? this.#refuse('combinations-single', malformed, `Combinations not applicable to ${this.quantifierText}!`)
        : this.inner === 'STRICT' ? this.#refuse('consecutive-and-combinations', malformed, both)
          : this.inner === 'SKIP_TILL_ANY' ? this.#refuse('combinations-twice', malformed, 'Combinations already applied!') : null;
    if (!refusal) this.inner = consecutive ? 'STRICT' : 'SKIP_TILL_ANY';
    return refusal;
  }

  #add(property: Property): void {
    this.#properties = new Set([...this.#properties, property]);
  }

  #notOnGate(): ApiRefusal {
    return this.#refuse('quantifier-on-gate', 'MalformedPatternException', 'Option not applicable to NOT pattern');
  }

  #refuse(code: IssueCode, exception: FlinkRefusal['exception'], message: string, values: Readonly<Record<string, string | number>> = {}): ApiRefusal {
    return { code, values: { name: this.name, ...values }, flink: { exception, message } };
  }
}
