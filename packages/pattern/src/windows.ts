/**
 * Windows as Flink computes them.
 *
 *   WN1  The window of the whole match is the smallest FIRST_AND_LAST window of any step at the top level and of any
 *        step inside a group that is not that group's last; 0 or less switches it off, whatever the others say.
 *   WN2  A PREVIOUS_AND_CURRENT window acts on single stages and on notNext, and on a notFollowedBy that ends the pattern.
 *   WN3  The window of a quantifier acts on all positions but the one that was created last, so it needs two positions.
 *        Of groups, only one that repeats without end has it in force, and not the first such that Flink compiles.
 *
 * Units   milliseconds.
 * Source  semantics §1.5; Flink's compiler walks the pattern from its end to its beginning.
 */
import type { BuiltStep } from './built-step.ts';

export interface WindowUse {
  readonly step: BuiltStep;
  readonly ms: number;
  readonly use: 'pattern' | 'group' | 'in-group' | 'ignored-last-in-group';
}

/** Every FIRST_AND_LAST window with what Flink does with it. */
export function firstAndLastWindows(steps: readonly BuiltStep[], inGroup = false): WindowUse[] {
  return steps.flatMap((step, index) => {
    const ms = step.api.firstAndLastMs;
    const ignored = inGroup && index === steps.length - 1;
    const use = ignored ? 'ignored-last-in-group' : inGroup ? 'in-group' : step.group ? 'group' : 'pattern';
    return [...(ms === null ? [] : [{ step, ms, use } as const]), ...firstAndLastWindows(step.group ?? [], true)];
  });
}

/** The smallest window in force, which may be 0 or less; null where there is none. */
export function smallestWindow(steps: readonly BuiltStep[]): number | null {
  const sizes = firstAndLastWindows(steps).filter((window) => window.use !== 'ignored-last-in-group').map((window) => window.ms);
  return sizes.length === 0 ? null : Math.min(...sizes);
}

export interface GapWindow {
  readonly step: BuiltStep;
  readonly ms: number;
}

/**
 * Windows between neighbours that Flink holds in its table of states, effective or not: what rule 4 compares with the
 * window of the whole match.
 *
 * `repeats` says that the level is compiled more than once (its group repeats), `end` that nothing follows the level.
 */
export function gapWindows(steps: readonly BuiltStep[], repeats = false, end = true, firstLoop = firstCompiledLoop(steps)): GapWindow[] {
  return steps.flatMap((step, index): GapWindow[] => {
    const { api } = step;
    const last = end && index === steps.length - 1;
    if (step.group) {
      const loops = api.has('LOOPING');
      const own = loops && api.times && api.times.windowMs !== null && (step !== firstLoop || repeats) ? [{ step, ms: api.times.windowMs }] : [];
      return [...own, ...gapWindows(step.group, repeats || loops || (api.times?.to ?? 1) > 1, last && !loops, firstLoop)];
    }
    if (api.link === 'notFollowedBy' && !last) return [];
    if (!api.times) return api.previousAndCurrentMs === null ? [] : [{ step, ms: api.previousAndCurrentMs }];
    const positions = api.has('LOOPING') ? 2 : api.times.to;
    return api.times.windowMs !== null && (positions > 1 || repeats) ? [{ step, ms: api.times.windowMs }] : [];
  });
}

/**
 * The group whose loop Flink compiles first, from the end of the pattern inwards. The state that closes such a loop
 * carries the name that all groups share; only the first has it without a number, and only numbered states get a window.
 */
function firstCompiledLoop(steps: readonly BuiltStep[]): BuiltStep | null {
  for (const step of steps.toReversed()) {
    if (!step.group) continue;
    if (step.api.has('LOOPING')) return step;
    const inside = firstCompiledLoop(step.group);
    if (inside) return inside;
  }
  return null;
}

/** Whether a chain, or a step, may take no event at all. An absence takes none. */
export const canBeEmpty = (steps: readonly BuiltStep[]): boolean => steps.every(stepCanBeEmpty);
export const stepCanBeEmpty = (step: BuiltStep): boolean =>
  step.api.isGate || step.api.has('OPTIONAL') || (step.group !== null && canBeEmpty(step.group));
