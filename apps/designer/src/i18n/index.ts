/**
 * Words of the page in English and Chinese.
 *
 * Always  both languages have the same keys (a type and a test hold it); one file for each area and language.
 *         A missing key or value throws in development and in tests; a built page shows the key's English.
 */
import { type i18n, createInstance } from 'i18next';
import { initReactI18next } from 'react-i18next';
import { common as commonEn } from './en/common.ts';
import { data as dataEn } from './en/data.ts';
import { design as designEn } from './en/design.ts';
import { jobs as jobsEn } from './en/jobs.ts';
import { live as liveEn } from './en/live.ts';
import { common as commonZh } from './zh/common.ts';
import { data as dataZh } from './zh/data.ts';
import { design as designZh } from './zh/design.ts';
import { jobs as jobsZh } from './zh/jobs.ts';
import { live as liveZh } from './zh/live.ts';

export type Language = 'en' | 'zh';
export const LANGUAGES: readonly Language[] = ['en', 'zh'];

export const en = { common: commonEn, design: designEn, live: liveEn, jobs: jobsEn, data: dataEn };
export const zh = { common: commonZh, design: designZh, live: liveZh, jobs: jobsZh, data: dataZh };

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'translation';
    resources: { translation: typeof en };
  }
}

const STORED = 'tidemark.language';
const strict = !import.meta.env?.PROD;

/** The stored choice, else the browser's first language that we have, else English. */
export function preferredLanguage(stored: string | null, offered: readonly string[]): Language {
  if (stored === 'en' || stored === 'zh') return stored;
  for (const tag of offered) {
    if (tag.toLowerCase().startsWith('zh')) return 'zh';
    if (tag.toLowerCase().startsWith('en')) return 'en';
  }
  return 'en';
}

const readStored = (): string | null => {
  try { return globalThis.localStorage?.getItem(STORED) ?? null; } catch { return null; } // storage may be blocked
};

export function createI18n(language: Language): i18n {
  const instance = createInstance();
  void instance.use(initReactI18next).init({
    lng: language,
    fallbackLng: strict ? false : 'en',
    initAsync: false,
    returnNull: false,
    interpolation: { escapeValue: false },
    resources: { en: { translation: en }, zh: { translation: zh } },
    saveMissing: strict,
    missingKeyHandler: (_languages, _namespace, key) => { if (strict) throw new Error(`no text for "${key}"`); },
    missingInterpolationHandler: (text) => { if (strict) throw new Error(`value missing in "${text}"`); return ''; },
  });
  return instance;
}

export const i18nInstance = createI18n(preferredLanguage(readStored(), globalThis.navigator?.languages ?? []));

export const currentLanguage = (): Language => (i18nInstance.language === 'zh' ? 'zh' : 'en');

export async function chooseLanguage(language: Language): Promise<void> {
  try { globalThis.localStorage?.setItem(STORED, language); } catch { /* the choice then lasts for this page only */ }
  await i18nInstance.changeLanguage(language);
  if (globalThis.document) document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
}

/** The type of a language's file: the same keys, any words. */
export type Words<T> = { readonly [K in keyof T]: T[K] extends string ? string : Words<T[K]> };
