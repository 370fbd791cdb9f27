/** One part of a condition in words: what is compared stands quiet, the value stands out. */
export function ConditionLine({ text }: { text: string }) {
  const space = text.lastIndexOf(' ');
  if (space < 0) return <p>{text}</p>;
  return <p>{text.slice(0, space + 1)}<b>{text.slice(space + 1)}</b></p>;
}
