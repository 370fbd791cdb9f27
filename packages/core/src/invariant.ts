/**
 * Our own bugs: stop before state is written anywhere.
 * Not here: what the user drew wrong (PatternIssue, data) and what the world does (JobFault).
 */
export class InvariantViolation extends Error {
  override readonly name = 'InvariantViolation';
}

export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InvariantViolation(message);
}

/** The default branch of an exhaustive switch: a new kind does not compile until it is handled. */
export function unreachable(value: never): never {
  throw new InvariantViolation(`unreachable: ${JSON.stringify(value)}`);
}
