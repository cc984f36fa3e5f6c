import assert from 'node:assert/strict';
import { test } from 'node:test';

import { renderToStaticMarkup } from 'react-dom/server';

import Markdown from '../components/chat/markdown';
import { splitBlocks } from '../lib/markdown-blocks';

const render = (text: string, isGrowing = false): string =>
  renderToStaticMarkup(<Markdown text={text} unsupported={[]} isGrowing={isGrowing} />);

test('HTML is shown as it is written', () => {
  const html = render('<img src=x onerror=alert(1)>\n\n<script>alert(1)</script>\n\na <b>b</b> <a href="javascript:1">c</a>');
  assert.doesNotMatch(html, /<(img|script|b|a)\b/);
  assert.match(html, /&lt;img src=x onerror=alert\(1\)&gt;/);
});

test('links to scripts and data are no links', () => {
  const html = render('[a](javascript:alert(1)) [b](data:text/html,x) [c](/ui/) <javascript:alert(1)> [d](vbscript:x "t")');
  assert.doesNotMatch(html, /<a\b/);
  assert.doesNotMatch(html, /href/);
});

test('good links open elsewhere and tell nothing of where they were pressed', () => {
  const html = render('See https://www.au.edu/fees and [mail](mailto:abac@au.edu).');
  assert.match(html, /<a href="https:\/\/www\.au\.edu\/fees" target="_blank" rel="noopener noreferrer nofollow">/);
  assert.match(html, /href="mailto:abac@au\.edu"/);
});

test('pictures are not loaded', () => {
  const html = render('![the tower](https://evil.example/x.png)');
  assert.doesNotMatch(html, /<img|evil/);
  assert.match(html, /the tower/);
});

test('a text that grows is cut into blocks that give the same text', () => {
  const text = '# A\n\nOne\ntwo\n\n```\ncode\n\nmore\n```\n\n- a\n- b\n\n\nEnd';
  assert.deepEqual(splitBlocks(text), ['# A', 'One\ntwo', '```\ncode\n\nmore\n```', '- a\n- b', 'End']);
  assert.deepEqual(splitBlocks('```\nhalf\n\ncode'), ['```\nhalf\n\ncode']);
  const words = (html: string): string => html.replace(/<[^>]*>/g, '').replace(/\s+/g, ' ');
  assert.equal(words(render(text, true)).replace(/ /g, ''), words(render(text)).replace(/ /g, ''));
});
