/**
 * Required texts: what text fields must hold wherever a condition is true.
 *
 * Always  only what follows from the condition's form: parts joined by && that compare a field of the event with a text.
 *         A condition may be false although they hold. Where one of the fields is absent the condition may have no value,
 *         which is not the same as false.
 */
import type { CheckedCondition } from './check.ts';
import type { Expression } from './expression.ts';

export interface RequiredText {
  readonly field: number;
  readonly text: string;
}

export function requiredTexts(condition: CheckedCondition): readonly RequiredText[] {
  const found: RequiredText[] = [];
  const visit = (node: Expression): void => {
    if (node.kind === 'and') node.parts.forEach(visit);
    else if (node.kind === 'binary' && node.operator === '==') {
      const required = equality(node.left, node.right) ?? equality(node.right, node.left);
      if (required !== null) found.push(required);
    }
  };
  visit(condition.ast);
  return found;
}

function equality(field: Expression, text: Expression): RequiredText | null {
  if (field.kind !== 'field' || field.of !== null || text.kind !== 'literal' || typeof text.value !== 'string') return null;
  return { field: field.field, text: text.value };
}
