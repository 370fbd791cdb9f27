/**
 * Where a text stops being JSON: hosts word and place this differently, or not at all.
 *
 * Always  for a text that JSON.parse refuses: the first place at which no JSON text goes on like this.
 * Not here: values. JSON.parse makes them.
 */
const SPACE = /[ \t\n\r]*/y;
// oxlint-disable-next-line no-control-regex -- JSON forbids just these in a string
const SCALAR = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

export interface SyntaxPlace {
  /** "unexpected }", "unexpected end". */
  readonly reason: string;
  /** Both from 1. */
  readonly line: number;
  readonly column: number;
}

export function syntaxError(text: string): SyntaxPlace {
  const at = offsetOfError(text);
  const before = text.slice(0, at);
  const found = text.slice(at, at + 12).split(/[\s,:{}[\]]/, 1)[0] || text[at];
  return {
    reason: found === undefined ? 'unexpected end' : `unexpected ${found}`,
    line: before.split('\n').length,
    column: before.length - before.lastIndexOf('\n'),
  };
}

function offsetOfError(text: string): number {
  /** Open brackets, outermost first. */
  const open: ('{' | '[')[] = [];
  /** What may come next: a value; a key; a comma or the closing bracket; `first` also allows the closing bracket at once. */
  let expected: 'value' | 'first-value' | 'key' | 'first-key' | 'more' = 'value';
  let at = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  const match = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    at += found?.[0].length ?? 0;
    return found !== null;
  };
  for (;;) {
    match(SPACE);
    const next = text[at];
    if (next === undefined) return at;
    const inside = open.at(-1);
    if ((next === '}' && inside === '{' && (expected === 'more' || expected === 'first-key'))
      || (next === ']' && inside === '[' && (expected === 'more' || expected === 'first-value'))) {
      open.pop();
      at++;
      expected = 'more';
    } else if (expected === 'more') {
      if (next !== ',' || inside === undefined) return at;
      at++;
      expected = inside === '{' ? 'key' : 'value';
    } else if (expected === 'key' || expected === 'first-key') {
      if (next !== '"' || !match(SCALAR)) return at;
      match(SPACE);
      if (text[at] !== ':') return at;
      at++;
      expected = 'value';
    } else if (next === '{' || next === '[') {
      open.push(next);
      at++;
      expected = next === '{' ? 'first-key' : 'first-value';
    } else if (match(SCALAR)) {
      expected = 'more';
    } else {
      return at;
    }
  }
}
