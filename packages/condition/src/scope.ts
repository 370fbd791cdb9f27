/** What a condition or an output text may name. */
import type { EventSchema } from '@tidemark/event';

export interface ConditionScope {
  readonly schema: EventSchema;
  /** Names of the stages that may be read, the stage's own included. The index is the stage's number in EvaluationContext.rows. */
  readonly stages: readonly string[];
  /** Whether `event` (the event being looked at) can be read: true in conditions, false in output texts. */
  readonly hasEvent: boolean;
}

/** Words that the grammar keeps for itself: a stage with such a name is written stage('name'). */
const RESERVED = new Set([
  'as', 'break', 'const', 'continue', 'else', 'false', 'for', 'function', 'if', 'import', 'in', 'let', 'loop', 'package',
  'namespace', 'null', 'return', 'true', 'var', 'void', 'while', '__proto__', 'prototype', 'event',
]);

export const isIdentifier = (text: string): boolean => /^[A-Za-z_][A-Za-z0-9_]*$/.test(text) && !RESERVED.has(text);
