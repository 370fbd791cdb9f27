/**
 * Random pattern × stream pairs in the notation of the cases (`cep-case/1`), for the differential tests.
 *
 * Always  a case is a function of its seed. It may be refused by the validator; the caller draws the next seed then.
 *         `features` names what the pair uses, so that a run can count what it covered and fail below a floor.
 * Not here: answers. They come from the reference.
 */
import type { CaseEvent, CasePattern, CaseStep, TieBreak } from '@tidemark/pattern';
import { Random } from './random.ts';

export interface RandomCase {
  readonly seed: number;
  readonly pattern: CasePattern;
  readonly keyBy: string | null;
  readonly events: readonly (CaseEvent & { readonly ts: number })[];
  /** absent: after the last event of each timestamp; explicit: only `watermarks`. */
  /** Empty in most: events of equal time then go by arrival. */
  readonly tieBreak: readonly TieBreak[];
  readonly watermark: 'each' | 'explicit';
  readonly watermarks: readonly { readonly afterEvent: number; readonly ts: number }[];
  readonly features: ReadonlySet<string>;
}

const LETTERS = ['a', 'b', 'c', 'd', 'e'] as const;
const NAMES = ['s0', 's1', 's2', 's3', 's4', 's5', 's6', 's7', 's8'] as const;

class CaseDraft {
  readonly random: Random;
  readonly features = new Set<string>();
  #next = 0;

  constructor(seed: number) {
    this.random = new Random(seed);
  }

  #name(): string {
    const name = NAMES[this.#next % NAMES.length] as string;
    this.#next += 1;
    return name;
  }

  #feature(name: string): void {
    this.features.add(name);
  }

  #where(earlier: readonly string[], self: string): string | null {
    const { random } = this;
    const letter = `event.name == '${random.pick(LETTERS)}'`;
    const roll = random.next();
    if (roll < 0.06) {
      this.#feature('condition:any');
      return null;
    }
    if (roll < 0.2) {
      this.#feature('condition:number');
      return `event.price ${random.pick(['<', '<=', '>', '>='])} ${random.between(0, 20) / 2}`;
    }
    if (roll < 0.3) {
      this.#feature('condition:or');
      return `${letter} || event.name == '${random.pick(LETTERS)}'`;
    }
    if (roll < 0.45 && earlier.length > 0) {
      this.#feature('condition:earlier');
      const stage = random.pick([...earlier, self]);
      return random.pick([
        `${letter} && ${stage}.exists(x, x.id == event.id)`,
        `size(${stage}) == 0 || event.price >= ${stage}[size(${stage}) - 1].price`,
        `${letter} && sum(${stage}.map(x, x.price)) < ${random.between(2, 30)}.0`,
        `${letter} && size(${stage}) < ${random.between(1, 3)}`,
        `size(${stage}) > 0 && event.id != ${stage}[0].id`,
      ]);
    }
    this.#feature('condition:name');
    return letter;
  }

  #steps(count: number, earlier: string[], depth: number): CaseStep[] {
    const { random } = this;
    const steps: CaseStep[] = [];
    let optionalBefore = false;
    for (let index = 0; index < count; index += 1) {
      const name = this.#name();
      let link: CaseStep['link'] = 'begin';
      if (index > 0) {
        link = random.pick(['next', 'followedBy', 'followedBy', 'followedByAny', 'followedByAny', 'notNext', 'notFollowedBy'] as const);
        if (optionalBefore && (link === 'notNext' || link === 'notFollowedBy')) link = 'followedBy';
        this.#feature(`link:${link}`);
      }
      const gate = link === 'notNext' || link === 'notFollowedBy';
      const step: { -readonly [Key in keyof CaseStep]: CaseStep[Key] } = { name, link };
      if (!gate && depth < 2 && random.chance(0.12)) {
        this.#feature(`group:depth${depth + 1}`);
        step.group = this.#steps(random.between(1, 3), earlier, depth + 1);
      } else {
        step.where = this.#where(earlier, name);
      }
      optionalBefore = false;
      if (!gate && random.chance(0.45)) {
        const kind = random.pick(['times', 'range', 'oneOrMore', 'orMore'] as const);
        this.#feature(`quantifier:${kind}`);
        const from = random.between(1, 3);
        step.times = kind === 'times' ? { from, to: from } : kind === 'range' ? { from, to: from + random.between(0, 2) } : { from: kind === 'oneOrMore' ? 1 : from, to: null };
        if (random.chance(0.1)) {
          this.#feature('window:times');
          step.times = { ...step.times, windowMs: random.between(1, 8) };
        }
        step.inner = random.pick(['skipTillNext', 'skipTillNext', 'consecutive', 'allowCombinations'] as const);
        this.#feature(`inner:${step.inner}`);
        if (step.group === undefined && random.chance(0.25) && step.inner !== 'allowCombinations') {
          this.#feature('greedy');
          step.greedy = true;
        }
        if (step.times.to === null && random.chance(0.25)) {
          this.#feature('until');
          step.until = `event.name == '${random.pick(LETTERS)}'`;
        }
      }
      if (!gate && random.chance(0.15)) {
        this.#feature('optional');
        step.optional = true;
        optionalBefore = true;
      }
      if (step.times === undefined && step.group === undefined && random.chance(0.06)) {
        this.#feature('window:step');
        step.within = { ms: random.between(1, 12), type: random.pick(['FIRST_AND_LAST', 'PREVIOUS_AND_CURRENT'] as const) };
      }
      if (step.group === undefined) earlier.push(name);
      steps.push(step);
    }
    return steps;
  }

  draw(seed: number): RandomCase {
    const { random } = this;
    const earlier: string[] = [];
    const steps = this.#steps(random.between(1, 4), earlier, 0);
    const strategy = random.pick(['NO_SKIP', 'NO_SKIP', 'SKIP_PAST_LAST_EVENT', 'SKIP_TO_NEXT', 'SKIP_TO_FIRST', 'SKIP_TO_LAST'] as const);
    this.#feature(`skip:${strategy}`);
    const toStage = strategy === 'SKIP_TO_FIRST' || strategy === 'SKIP_TO_LAST';
    const throwOnMiss = toStage && random.chance(0.1);
    if (throwOnMiss) this.#feature('throwOnMiss');
    const within = random.chance(0.55) ? { ms: random.between(2, 20), type: random.chance(0.8) ? 'FIRST_AND_LAST' as const : 'PREVIOUS_AND_CURRENT' as const } : null;
    if (within) this.#feature(`window:${within.type}`);
    const keyBy = random.pick([null, 'id', 'user'] as const);
    this.#feature(`key:${keyBy ?? 'none'}`);

    const explicit = random.chance(0.35);
    const events: (CaseEvent & { ts: number })[] = [];
    let ts = random.between(explicit ? 2 : 0, 3);
    for (let index = random.between(4, 14); index > 0; index -= 1) {
      ts += random.pick([0, 1, 1, 1, 2, 4]);
      const late = explicit && random.chance(0.3) ? random.between(0, 6) : 0;
      if (late > 0) this.#feature('disorder');
      events.push({ ts: Math.max(0, ts - late), id: random.between(0, 2), name: random.pick(LETTERS), price: random.between(0, 20) / 2, user: `u${random.between(0, 1)}` });
    }
    const watermarks: { afterEvent: number; ts: number }[] = [];
    if (explicit) {
      this.#feature('watermark:explicit');
      let newest = 0;
      events.forEach((event, afterEvent) => {
        newest = Math.max(newest, event.ts);
        if (random.chance(0.4)) watermarks.push({ afterEvent, ts: newest - random.between(0, 3) });
      });
    }
    const last = events.length - 1;
    for (let count = random.between(0, 2); count > 0; count -= 1) watermarks.push({ afterEvent: last, ts: ts + random.between(1, 30) * (3 - count) });
    watermarks.sort((a, b) => a.afterEvent - b.afterEvent);
    // Drawn last, so that what a seed gave before it still gives.
    const tieBreak: TieBreak[] = [];
    if (random.chance(0.3)) {
      const order = (): TieBreak['order'] => random.pick(['ASC', 'DESC'] as const);
      const fields = random.pick([['rank'], ['name'], ['rank', 'price'], ['name', 'rank'], ['id', 'name']] as const);
      for (const field of fields) tieBreak.push({ field, order: order() });
      events.forEach((event, index) => { if (random.chance(0.7)) events[index] = { ...event, rank: random.between(0, 2) }; });
      if (events.some((event) => event['rank'] !== undefined) && events.some((event, index) => events.some((other, at) => at < index && other.ts === event.ts))) this.#feature('tieBreak');
      if (!events.some((event) => event['rank'] !== undefined)) events[0] = { ...(events[0] as CaseEvent & { ts: number }), rank: 0 };
    }
    return {
      seed,
      pattern: { steps, within, skip: { strategy, ...(toStage ? { stage: (steps[random.between(0, steps.length - 1)] as CaseStep).name } : {}), ...(throwOnMiss ? { throwOnMiss } : {}) } },
      keyBy, events, tieBreak, watermark: explicit ? 'explicit' : 'each', watermarks, features: this.features,
    };
  }
}

export function randomCase(seed: number): RandomCase {
  return new CaseDraft(seed).draw(seed);
}
