/**
 * Known texts: dictionary codes of JavaScript strings that come again and again.
 *
 * Shape   a table in which a text has one place, found by its length and a few of its characters; behind it a Map of all
 *         texts that are remembered. The place is a guess: where several texts share one, the last to come has it.
 * Always  find(t) is what add(t, code) said last, or -1; never another text's code.
 * Cost    for most texts a comparison with one string, which is one of two pointers where the strings are one. Where too many
 *         share their places (texts that differ only in other characters) the table is left out.
 * Not here: encoding (dictionary.ts).
 */

/** Texts remembered; then all are forgotten. The dictionary itself is bounded by its owner. */
const TEXTS_KEPT = 65_536;
/** Longer texts are not remembered: looking them up costs as much. */
const TEXT_LENGTH_KEPT = 64;
const PLACES_LEAST = 256;
const PLACES_MAX = 131_072;
/** Share of texts that are not in their place from which on the table is no use, and for how many it is judged at least. */
const MISSED_MAX = 0.5;
const JUDGED_LEAST = 1_024;

export class KnownTexts {
  readonly #codes = new Map<string, number>();
  /** Text and code of each place, side by side. */
  #places: (string | number)[] = [];
  #mask = 0;
  #isUsed = true;
  #missed = 0;

  constructor() {
    this.#resize(PLACES_LEAST);
  }

  clear(): void {
    this.#codes.clear();
    this.#resize(PLACES_LEAST);
    this.#isUsed = true;
    this.#missed = 0;
  }

  find(text: string): number {
    if (!this.#isUsed) return this.#codes.get(text) ?? -1;
    const place = this.#placeOf(text);
    const places = this.#places;
    if (places[2 * place] === text) return places[2 * place + 1] as number;
    return this.#findMissed(text, place);
  }

  add(text: string, code: number): void {
    if (text.length > TEXT_LENGTH_KEPT) return;
    if (this.#codes.size >= TEXTS_KEPT) this.clear();
    this.#codes.set(text, code);
    if (this.#codes.size * 4 > this.#mask && this.#mask < PLACES_MAX - 1) this.#resize((this.#mask + 1) * 4);
    this.#put(text, code, this.#placeOf(text));
  }

  #findMissed(text: string, place: number): number {
    const code = this.#codes.get(text);
    if (code === undefined) return -1;
    this.#put(text, code, place);
    this.#missed += 1;
    return code;
  }

  /** Told now and then how many texts were looked up since the last time. */
  judge(lookedUp: number): void {
    if (lookedUp < JUDGED_LEAST) return;
    if (this.#missed > lookedUp * MISSED_MAX) this.#isUsed = false;
    this.#missed = 0;
  }

  #put(text: string, code: number, place: number): void {
    this.#places[2 * place] = text;
    this.#places[2 * place + 1] = code;
  }

  #resize(places: number): void {
    this.#places = [];
    for (let place = 0; place < places; place += 1) this.#places.push('', -1);
    this.#mask = places - 1;
    for (const [text, code] of this.#codes) this.#put(text, code, this.#placeOf(text));
  }

  /** From the length and up to four characters: the last ones, in which names and numbers differ most. */
  #placeOf(text: string): number {
    const { length } = text;
    let sum = length;
    if (length > 3) {
      sum += text.charCodeAt(length - 1) + 31 * text.charCodeAt(length - 2) + 961 * text.charCodeAt(length - 3) + 29_791 * text.charCodeAt(length - 4);
    } else if (length > 0) sum += text.charCodeAt(0) + 31 * text.charCodeAt(length - 1) + 961 * text.charCodeAt(length >> 1);
    return (Math.imul(sum, 0x9e3779b1) >>> 12) & this.#mask;
  }
}
