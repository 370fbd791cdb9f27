/**
 * Regular expressions of conditions: RE2 syntax, found anywhere in the text, in time linear in its length.
 * Never the host's RegExp: a user's pattern could make it run for ever.
 *
 * Always  linear is not cheap: the engine makes its automaton while it reads, and a new state costs as much as hundreds of
 *         characters that lead to known ones. So characters and new states are paid for, and a long text is read in
 *         growing parts, so that what cannot be paid for is noticed early.
 */
import { RE2JS } from 're2js';

export interface TextPattern {
  /** `spend` throws where the cost of an evaluation is used up. */
  found(text: string, spend: (cost: number) => void): boolean;
}

/** Longer texts are an evaluation error. */
export const MATCHED_TEXT_LENGTH_MAX = 65_536;
const PATTERN_LENGTH_MAX = 1000;

/** What a new state of the automaton takes at most, in ns: so much, and so much for each instruction of the pattern. */
const STATE_NS = 6_000;
const STATE_INSTRUCTION_NS = 200;
/** What a byte of a new state takes. */
const STATE_BYTE_NS = 36;
/** What a unit of cost takes. */
const COST_NS = 80;
/** A first part of a text takes no longer than this, even if every character makes a new state. */
const FIRST_PART_NS = 10_000_000;
const PART_GROWTH = 1.4;

export function compilePattern(pattern: string): TextPattern | { readonly error: string } {
  if (pattern.length > PATTERN_LENGTH_MAX) return { error: `longer than ${PATTERN_LENGTH_MAX} characters` };
  let compiled: RE2JS;
  try {
    compiled = RE2JS.compile(pattern);
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
  // A text that lacks what the pattern needs is known at a glance; but then its parts would say nothing about the whole.
  (compiled.re2() as unknown as { prefilter: unknown }).prefilter = null;
  const stateNs = STATE_NS + STATE_INSTRUCTION_NS * compiled.programSize();
  const stateCost = Math.ceil(stateNs / COST_NS);
  const firstPart = Math.max(64, Math.floor(FIRST_PART_NS / stateNs));
  return {
    found: (text, spend) => {
      for (let from = 0, to = firstPart; ; from = to, to = Math.ceil(to * PART_GROWTH)) {
        const whole = to >= text.length;
        const read = (whole ? text.length : to) - from;
        const known = new KnownStates(compiled);
        const found = compiled.test(whole ? text : text.slice(0, to));
        spend(read + Math.min(read * stateCost, Math.ceil(known.grownBy() * STATE_BYTE_NS / COST_NS)));
        if (whole) return found;
      }
    },
  };
}

/**
 * The states that the engine has made so far for a pattern. It does not tell in its interface, so this looks at what it
 * keeps (re2js 2.10.0, pinned); where that is not found, every character counts as a new state.
 */
class KnownStates {
  readonly #dfa: Dfa | undefined;
  readonly #room: number;
  readonly #first: unknown;

  constructor(compiled: RE2JS) {
    const { onepass, dfa } = compiled.re2() as unknown as { readonly onepass?: object | null; readonly dfa?: Dfa };
    // What is decided in one pass needs no states.
    this.#dfa = onepass ? NO_STATES : dfa;
    this.#room = this.#dfa?.memBudget ?? Number.NaN;
    this.#first = this.#firstOf();
  }

  #firstOf(): unknown {
    return this.#dfa?.stateCache?.values().next().value;
  }

  /** Bytes of the new ones; Infinity where some were thrown away in between, so that all may be new, or where none are kept at all. */
  grownBy(): number {
    const grown = this.#room - (this.#dfa?.memBudget ?? Number.NaN);
    const kept = this.#first === undefined || this.#first === this.#firstOf();
    return grown >= 0 && kept && this.#dfa?.failed === false ? grown : Number.POSITIVE_INFINITY;
  }
}

interface Dfa {
  /** Bytes that are left for states. */
  readonly memBudget?: number;
  readonly stateCache?: ReadonlyMap<number, unknown>;
  /** The pattern has something that no automaton can do. */
  readonly failed?: boolean;
}
const NO_STATES: Dfa = { memBudget: 0, stateCache: new Map(), failed: false };
