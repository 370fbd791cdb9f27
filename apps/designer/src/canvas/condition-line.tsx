/** One part of a condition in words: what is compared stands quiet, the value stands out. */
import type { ConditionText } from './condition-words.ts';

export function ConditionLine({ line }: { line: ConditionText }) {
  return <p>{line.text.slice(0, line.strongFrom)}{line.strongFrom < line.text.length && <b>{line.text.slice(line.strongFrom)}</b>}</p>;
}
