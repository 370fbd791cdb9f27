/**
 * How wide a text will be, estimated from its characters: sizes of the drawing are then the same in a test, in a
 * thumbnail and on the canvas, and need no second pass after the page has measured.
 * Units   px. The estimate is on the wide side by a few per cent, so that nothing is cut.
 */
const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]/u;
const NARROW = /[ijlt.,:;'|!()[\]fI ]/;

export function textWidth(text: string, px: number, weight: 400 | 500 | 600 = 400): number {
  let em = 0;
  for (const char of text) em += WIDE.test(char) ? 1 : NARROW.test(char) ? 0.33 : char === 'm' || char === 'w' || char === 'M' || char === 'W' ? 0.88 : /[A-Z0-9=&]/.test(char) ? 0.66 : 0.58;
  return em * px * (weight === 600 ? 1.05 : weight === 500 ? 1.02 : 1);
}

/** Rows that a text takes when it wraps at words (Chinese: anywhere) within `width`. */
export function textRows(text: string, width: number, px: number): number {
  let rows = 1;
  let used = 0;
  for (const word of text.match(/[\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\uff00-\uff60]|[^\s\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\uff00-\uff60]+\s*|\s+/gu) ?? []) {
    const length = textWidth(word.trimEnd(), px);
    if (used > 0 && used + length > width) { rows += 1; used = 0; }
    if (length > width) { rows += Math.ceil(length / width) - 1; used = length % width; } else used += textWidth(word, px);
  }
  return rows;
}
