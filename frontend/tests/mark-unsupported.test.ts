import assert from 'node:assert/strict';
import { test } from 'node:test';

import { markUnsupported } from '../lib/mark-unsupported';

const text = (value: string): { type: string; value: string } => ({ type: 'text', value });
const marked = (figures: string[], value: string): string => {
  const tree = { type: 'root', children: [{ type: 'element', tagName: 'p', children: [text(value)] }] };
  markUnsupported(figures)()(tree);
  const children = tree.children[0]?.children as { tagName?: string; value?: string; children?: { value: string }[] }[];
  return children.map((child) => (child.tagName === 'mark' ? `[${child.children?.[0]?.value}]` : child.value)).join('');
};

test('figures that nothing speaks for are marked wherever they stand', () => {
  assert.equal(marked(['999'], '999 or 999 baht'), '[999] or [999] baht');
  assert.equal(marked(['5,000', '15,000 baht'], 'from 15,000 baht'), 'from [15,000 baht]');
});

test('signs of patterns are plain signs in figures', () => {
  assert.equal(marked(['+66 (2) 1.5*'], 'call +66 (2) 1.5* now'), 'call [+66 (2) 1.5*] now');
});

test('without figures nothing is touched', () => {
  assert.equal(marked([], 'a b'), 'a b');
  assert.equal(marked(['', ' '], 'a b'), 'a b');
});
