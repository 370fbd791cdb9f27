/**
 * Required texts: what text fields must hold wherever a condition is true, and what it asks beside that.
 *
 * Always  only what follows from the condition's form: parts joined by && that compare a field of the event with a text.
 *         A condition may be false although they hold. Where one of the fields is absent the condition may have no value,
 *         which is not the same as false.
 */
import type { CheckedCondition } from './check.ts';
import type { Expression } from './expression.ts';
import { conjuncts, joined } from './split.ts';

export interface RequiredText {
  readonly field: number;
  readonly text: string;
}

export function requiredTexts(condition: CheckedCondition): readonly RequiredText[] {
  return conjuncts(condition.ast).flatMap((part) => textOf(part) ?? []);
}

/** The parts of a condition that say more than that fields hold these texts: where they do, all parts together are the condition. */
export function partsBeside(condition: CheckedCondition, texts: readonly RequiredText[]): readonly CheckedCondition[] {
  return conjuncts(condition.ast)
    .filter((part) => {
      const own = textOf(part);
      return own === null || !texts.some(({ field, text }) => field === own.field && text === own.text);
    })
    .map((part) => joined(condition, [part]));
}

function textOf(part: Expression): RequiredText | null {
  if (part.kind !== 'binary' || part.operator !== '==') return null;
  return equality(part.left, part.right) ?? equality(part.right, part.left);
}

function equality(field: Expression, text: Expression): RequiredText | null {
  if (field.kind !== 'field' || field.of !== null || text.kind !== 'literal' || typeof text.value !== 'string') return null;
  return { field: field.field, text: text.value };
}
