/**
 * Dictionary of strings: text <-> small integer code.
 *
 * Always  codes are dense, start at 0 and never change while the dictionary lives; -1 is never a code.
 * Not here: sharing. A dictionary is local to a subtask, a channel or a decoder (DESIGN.md, "Dictionaries").
 */
export class Dictionary {
  readonly #codes = new Map<string, number>();
  readonly #texts: string[] = [];

  get size(): number {
    return this.#texts.length;
  }

  /** The code of `text`, added if it is new. */
  encode(text: string): number {
    const known = this.#codes.get(text);
    if (known !== undefined) return known;
    const code = this.#texts.length;
    this.#codes.set(text, code);
    this.#texts.push(text);
    return code;
  }

  /** The code of `text`, or -1. */
  find(text: string): number {
    return this.#codes.get(text) ?? -1;
  }

  text(code: number): string {
    return this.#texts[code] as string;
  }

  texts(): readonly string[] {
    return this.#texts;
  }
}
