import { type Dictionary, en } from './en';
import { my } from './my';
import { th } from './th';
import { zh } from './zh';

export type { Dictionary } from './en';
export type Language = keyof typeof DICTIONARIES;

export const DICTIONARIES = { en, th, zh, my } satisfies Record<string, Dictionary>;

/** Each language's own name for itself. */
export const LANGUAGE_NAMES: Record<Language, string> = { en: 'English', th: 'ไทย', zh: '中文', my: 'မြန်မာ' };

/** The tags to format dates with and to put on the page. */
export const LOCALES: Record<Language, string> = { en: 'en-GB', th: 'th-TH', zh: 'zh-CN', my: 'my-MM' };

export function isLanguage(value: unknown): value is Language {
  return typeof value === 'string' && Object.hasOwn(DICTIONARIES, value);
}

/** The first language of a browser's list that there is a dictionary for, else English. */
export function pickLanguage(wanted: readonly string[]): Language {
  const known = wanted.map((tag) => tag.toLowerCase().split('-')[0]);
  return known.find(isLanguage) ?? 'en';
}
