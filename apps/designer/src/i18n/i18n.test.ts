import { describe, expect, it } from 'vitest';
import { createI18n, en, preferredLanguage, zh } from './index.ts';

/** Leaves as dotted keys; the plural endings of i18next are one key. */
function keys(node: object, prefix = ''): string[] {
  return Object.entries(node).flatMap(([key, value]) =>
    typeof value === 'string' ? [prefix + key.replace(/_(zero|one|two|few|many|other)$/, '')] : keys(value as object, `${prefix}${key}.`));
}
function texts(node: object, prefix = ''): [string, string][] {
  return Object.entries(node).flatMap(([key, value]) =>
    typeof value === 'string' ? [[prefix + key, value] as [string, string]] : texts(value as object, `${prefix}${key}.`));
}
const holes = (text: string): string[] => [...new Set([...text.matchAll(/\{\{\s*(\w+)/g)].map((m) => m[1] ?? ''))].sort();

describe('words', () => {
  it('English and Chinese have the same keys', () => {
    expect([...new Set(keys(zh))].sort()).toEqual([...new Set(keys(en))].sort());
  });
  it('a text and its translation take the same values', () => {
    const chinese = new Map(texts(zh));
    for (const [key, text] of texts(en)) {
      const other = chinese.get(key) ?? chinese.get(key.replace(/_one$/, '_other'));
      expect(holes(other ?? ''), key).toEqual(holes(text));
    }
  });
  it('no text is empty', () => {
    for (const [key, text] of [...texts(en), ...texts(zh)]) expect(text.trim(), key).not.toBe('');
  });
  it('a missing key and a missing value throw', () => {
    const { t } = createI18n('zh');
    expect(() => t('no.such.key' as never)).toThrow(/no text/);
    expect(() => t('common.unit.ms' as never)).toThrow(/value missing/);
  });
  it('takes the stored language, then the browser’s first known one', () => {
    expect(preferredLanguage('zh', ['en'])).toBe('zh');
    expect(preferredLanguage(null, ['fr', 'zh-TW', 'en'])).toBe('zh');
    expect(preferredLanguage(null, ['fr'])).toBe('en');
  });
});
