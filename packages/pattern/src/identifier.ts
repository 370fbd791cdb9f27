/** Names that conditions can read: identifiers of CEL. Source: CEL language definition, lexis. */
const RESERVED: ReadonlySet<string> = new Set([
  'false', 'in', 'null', 'true', 'as', 'break', 'const', 'continue', 'else', 'for', 'function', 'if', 'import', 'let', 'loop',
  'package', 'namespace', 'return', 'var', 'void', 'while', 'event', 'stage',
]);
/** Names that are keys of plain objects on their way to a page or a line of output. */
const PROTOTYPE_NAMES: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

export const isIdentifier = (text: string): boolean => /^[A-Za-z_][A-Za-z0-9_]*$/.test(text);
/** Words of the condition language: CEL's, `event` and `stage`. */
export const isReservedWord = (text: string): boolean => RESERVED.has(text);
export const isPrototypeName = (text: string): boolean => PROTOTYPE_NAMES.has(text);

/** An identifier near `text` that is none of `taken`: `not c` gives `not_c`. */
export function identifierLike(text: string, taken: Iterable<string> = [], fallback = 'stage'): string {
  const used = new Set(taken);
  const cleaned = text.normalize('NFKD').replace(/[^A-Za-z0-9_]+/g, '_').replace(/^_+|_+$/g, '').slice(0, 60);
  const stem = cleaned === '' ? fallback : /^[0-9]/.test(cleaned) ? `_${cleaned}` : cleaned;
  const usable = (name: string): boolean => !used.has(name) && !isReservedWord(name) && !isPrototypeName(name);
  if (usable(stem)) return stem;
  for (let n = cleaned === '' ? 1 : 2; ; n++) if (usable(`${stem}${n}`)) return `${stem}${n}`;
}

/** The candidate that is one or two typing errors from `text`, or null. */
export function nearest(text: string, candidates: Iterable<string>): string | null {
  let best: string | null = null;
  let bestDistance = Math.min(3, Math.ceil(text.length / 2) + 1);
  for (const candidate of candidates) {
    const distance = editDistance(text.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

function editDistance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 3) return 4;
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min((next[j - 1] as number) + 1, (row[j] as number) + 1, (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length] as number;
}
