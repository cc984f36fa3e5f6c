import assert from 'node:assert/strict';
import { test } from 'node:test';

import { safeUrl } from '../lib/safe-url';

test('links lead to pages, mail and telephones', () => {
  for (const url of ['https://www.au.edu/a?b=c#d', 'http://au.edu/', 'mailto:abac@au.edu', 'tel:+6627232323']) {
    assert.equal(safeUrl(url), url);
  }
});

test('links lead to nothing else', () => {
  const bad = [
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)',
    ' javascript:alert(1)',
    'java\nscript:alert(1)',
    '\u0001javascript:alert(1)',
    'data:text/html,<script>alert(1)</script>',
    'vbscript:x',
    'file:///etc/passwd',
    'blob:https://au.edu/1',
    '//evil.example',
    '/ui/',
    '#top',
    'au.edu',
    '',
    null,
    undefined,
  ];
  for (const url of bad) assert.equal(safeUrl(url), null, String(url));
});
