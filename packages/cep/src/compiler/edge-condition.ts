/**
 * Condition of an edge: a small boolean expression over numbered predicates.
 *
 * Always  evaluation goes left to right and stops as soon as the result is known, so a predicate that cannot be
 *         evaluated is noticed exactly where Flink would have evaluated it. Simplification keeps that: it removes
 *         constants only where no predicate's evaluation is added or lost.
 * Not here: what a predicate is (automaton.ts), how its value is found (decision.ts).
 */
export type EdgeCondition =
  | { readonly op: 'true' }
  | { readonly op: 'false' }
  | { readonly op: 'predicate'; readonly id: number }
  | { readonly op: 'not'; readonly of: EdgeCondition }
  | { readonly op: 'and'; readonly left: EdgeCondition; readonly right: EdgeCondition };

export const TRUE: EdgeCondition = { op: 'true' };
export const FALSE: EdgeCondition = { op: 'false' };

export const predicate = (id: number): EdgeCondition => ({ op: 'predicate', id });

export function not(of: EdgeCondition): EdgeCondition {
  switch (of.op) {
    case 'true': return FALSE;
    case 'false': return TRUE;
    case 'not': return of.of;
    default: return { op: 'not', of };
  }
}

export function and(left: EdgeCondition, right: EdgeCondition): EdgeCondition {
  if (left.op === 'true') return right;
  if (left.op === 'false') return FALSE;
  if (right.op === 'true') return left;
  return { op: 'and', left, right };
}

/** Adds the ids of the predicates that `condition` may read. */
export function collectPredicates(condition: EdgeCondition, into: Set<number>): void {
  switch (condition.op) {
    case 'predicate':
      into.add(condition.id);
      return;
    case 'not':
      collectPredicates(condition.of, into);
      return;
    case 'and':
      collectPredicates(condition.left, into);
      collectPredicates(condition.right, into);
      return;
    default:
  }
}

/** Value of `condition`; `valueOf` is asked for a predicate only where its value decides, and may throw. */
export function evaluate(condition: EdgeCondition, valueOf: (id: number) => boolean): boolean {
  switch (condition.op) {
    case 'true': return true;
    case 'false': return false;
    case 'predicate': return valueOf(condition.id);
    case 'not': return !evaluate(condition.of, valueOf);
    default: return evaluate(condition.left, valueOf) && evaluate(condition.right, valueOf);
  }
}
