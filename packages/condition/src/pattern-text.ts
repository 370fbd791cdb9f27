/**
 * Regular expressions of conditions: RE2 syntax, found anywhere in the text, in time linear in its length.
 * Never the host's RegExp: a user's pattern could make it run for ever.
 */
import { RE2JS } from 're2js';

export interface TextPattern {
  found(text: string): boolean;
}

/** Longer texts are an evaluation error: linear is not free. */
export const MATCHED_TEXT_LENGTH_MAX = 65_536;
const PATTERN_LENGTH_MAX = 1000;

export function compilePattern(pattern: string): TextPattern | { readonly error: string } {
  if (pattern.length > PATTERN_LENGTH_MAX) return { error: `longer than ${PATTERN_LENGTH_MAX} characters` };
  try {
    const compiled = RE2JS.compile(pattern);
    return { found: (text) => compiled.test(text) };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}
