import assert from 'node:assert/strict';
import { test } from 'node:test';

import { DICTIONARIES, type Language, pickLanguage } from '../lib/i18n/language';

const entries = Object.entries(DICTIONARIES) as [Language, (typeof DICTIONARIES)['en']][];
const scripts: Record<Language, RegExp> = { en: /\p{L}/u, th: /\p{sc=Thai}/u, zh: /\p{sc=Han}/u, my: /\p{sc=Mymr}/u };

test('every language says everything in its own script', () => {
  for (const [language, words] of entries) {
    for (const [name, value] of Object.entries(words)) {
      const texts = Array.isArray(value) ? value : [typeof value === 'function' ? (value as (...given: unknown[]) => string)(3, 7) : value];
      for (const text of texts) {
        assert.equal(text, text.trim(), `${language}.${name}`);
        if (name !== 'title') assert.match(text, scripts[language], `${language}.${name}`);
      }
    }
  }
});

test('every language says the numbers it is given', () => {
  for (const [language, words] of entries) {
    assert.match(words.limitedFor(17), /17/, language);
    assert.match(words.version(2, 5), /2.*5|5.*2/, language);
    assert.match(words.signedInAs('a@au.edu'), /a@au\.edu/, language);
  }
});

test('every language has as many questions to begin with', () => {
  for (const [, words] of entries) assert.equal(words.starters.length, DICTIONARIES.en.starters.length);
});

test('the first language of the browser that is known is taken', () => {
  assert.equal(pickLanguage(['de-DE', 'zh-TW', 'en']), 'zh');
  assert.equal(pickLanguage(['MY-mm']), 'my');
  assert.equal(pickLanguage(['fr', 'constructor']), 'en');
  assert.equal(pickLanguage([]), 'en');
});
