/**
 * UTF-8 as bytes: is it well formed, and text from it.
 *
 * Always  isUtf8 accepts exactly what a fatal TextDecoder accepts (no overlong forms, no surrogates, at most U+10FFFF).
 * Not here: hashing and codes (dictionary.ts).
 */
const fatal = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const lossy = new TextDecoder('utf-8', { ignoreBOM: true });

/** Well-formed UTF-8 in bytes[from, to)? */
export function isUtf8(bytes: Uint8Array, from: number, to: number): boolean {
  let at = from;
  while (at < to) {
    const lead = bytes[at] as number;
    if (lead < 0x80) {
      at += 1;
      continue;
    }
    // The second byte's range carries every special rule: overlong forms, surrogates, the upper end.
    let low = 0x80;
    let high = 0xbf;
    let more: number;
    if (lead >= 0xc2 && lead <= 0xdf) more = 1;
    else if (lead >= 0xe0 && lead <= 0xef) {
      more = 2;
      if (lead === 0xe0) low = 0xa0;
      else if (lead === 0xed) high = 0x9f;
    } else if (lead >= 0xf0 && lead <= 0xf4) {
      more = 3;
      if (lead === 0xf0) low = 0x90;
      else if (lead === 0xf4) high = 0x8f;
    } else return false;
    if (at + more >= to) return false;
    const second = bytes[at + 1] as number;
    if (second < low || second > high) return false;
    for (let i = 2; i <= more; i++) if (((bytes[at + i] as number) & 0xc0) !== 0x80) return false;
    at += more + 1;
  }
  return true;
}

/** Text of bytes[from, to), or null where they are no UTF-8. */
export function utf8Text(bytes: Uint8Array, from: number, to: number): string | null {
  try {
    return fatal.decode(bytes.subarray(from, to));
  } catch {
    return null;
  }
}

/** The beginning of bytes[from, to) for a person's eye: at most `characters`, U+FFFD for what is no UTF-8. */
export function utf8Excerpt(bytes: Uint8Array, from: number, to: number, characters: number): string {
  const text = lossy.decode(bytes.subarray(from, Math.min(to, from + characters * 4)));
  // Cutting may split a surrogate pair; toWellFormed keeps the excerpt writable as UTF-8.
  return text.slice(0, characters).toWellFormed();
}
