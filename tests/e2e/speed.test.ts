/** What a first visit costs, and how soon a word that has arrived can be read. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { ROOT } from './support/processes.ts';
import { setStage } from './support/stage.ts';

const FIRST_LOAD_BYTES = 250_000;
const QUESTIONS = 5;
const FRAMES = 6; // 100 ms of a screen's 60 a second
const FIRST = 'The MBA of the university is ';

interface Moment {
  time: number;
  frame: number;
}
type Watched = { arrived?: Moment; shown?: Moment };

describe('Speed', () => {
  const stage = setStage();

  it('loads at most 250 kB of compressed script before one can ask', async (test) => {
    const visitor = await stage.visit();
    await visitor.page.waitForLoadState('networkidle');

    const scripts = visitor.requests.filter((url) => url.endsWith('.js'));
    const files = scripts.map((url) => path.join(ROOT, 'frontend/out', new URL(url).pathname.replace(/^\/ui\//, '')));
    const bytes = await Promise.all(files.map((file) => readFile(file)));
    const size = (pack: (text: Buffer) => Buffer) => bytes.reduce((sum, text) => sum + pack(text).length, 0);
    const [gzip, brotli] = [size((text) => gzipSync(text, { level: 9 })), size((text) => brotliCompressSync(text))];
    test.diagnostic(`first load: ${scripts.length} scripts, ${gzip} bytes as gzip, ${brotli} as brotli`);

    assert.ok(scripts.length > 0);
    assert.ok(gzip <= FIRST_LOAD_BYTES, `${gzip} bytes`);
  });

  it('gets scripts compressed, and keeps them', async () => {
    const visitor = await stage.equip();
    const responses = new Map<string, Record<string, string>>();
    visitor.page.on('response', (response) => responses.set(response.url(), response.headers()));
    await visitor.page.goto(stage.service.page);
    await visitor.box.waitFor();

    const chunks = [...responses].filter(([url]) => url.includes('/_next/static/') && url.endsWith('.js'));
    assert.ok(chunks.length > 0);
    for (const [url, headers] of chunks) {
      assert.match(headers['cache-control'], /immutable/, url);
      if (Number(headers['content-length']) > 1_000) assert.match(headers['content-encoding'] ?? '', /br|gzip/, url);
    }
  });

  it('shows the first word within frames of its arrival', async (test) => {
    const visitor = await stage.equip();
    await visitor.page.addInitScript(watch);
    await visitor.page.goto(stage.service.page);
    await visitor.box.waitFor();
    const rows: { wire: number; screen: number; frames: number }[] = [];
    for (let question = 0; question < QUESTIONS; question++) {
      await stage.gemini.hold(FIRST, 'in the city.');
      await visitor.page.evaluate(() => ((globalThis as unknown as { watched: Watched }).watched = {}));
      await visitor.ask(`Where is the MBA taught? (${question})`);
      const [sent] = await stage.gemini.release();
      await visitor.see(FIRST.trim());
      const { arrived, shown } = await seen(visitor.page);
      await stage.gemini.release();
      await visitor.read('in the city.');
      rows.push({ wire: arrived.time - sent, screen: shown.time - arrived.time, frames: shown.frame - arrived.frame });
    }

    tell(test, 'from the model to the page', rows.map(({ wire }) => wire));
    tell(test, 'from the page to the screen', rows.map(({ screen }) => screen));
    test.diagnostic(`frames from the page to the screen: ${rows.map(({ frames }) => frames).join(' ')}`);
    for (const { frames } of rows) assert.ok(frames <= FRAMES, `${frames} frames`);
  });
});

function tell(test: TestContext, what: string, milliseconds: number[]): void {
  const sorted = milliseconds.toSorted((a, b) => a - b).map((value) => value.toFixed(1));
  test.diagnostic(`${what}: median ${sorted[sorted.length >> 1]} ms, most ${sorted.at(-1)} ms`);
}

/** When the first word came and was shown; both are there once it can be read. */
async function seen(page: Page): Promise<Required<Watched>> {
  const handle = await page.waitForFunction(() => {
    const { watched } = globalThis as unknown as { watched: Watched };
    return watched.shown ? watched : null;
  });
  return (await handle.jsonValue()) as Required<Watched>;
}

/** In the page: note when the first word of an answer is read from the line, and when a frame shows it. */
function watch(): void {
  const state = globalThis as unknown as { watched: Watched };
  state.watched = {};
  let frame = 0;
  const count = () => {
    frame++;
    requestAnimationFrame(count);
  };
  requestAnimationFrame(count);
  const now = (): Moment => ({ time: performance.timeOrigin + performance.now(), frame });
  const decoder = new TextDecoder();
  const read = ReadableStreamDefaultReader.prototype.read;
  ReadableStreamDefaultReader.prototype.read = async function (this: ReadableStreamDefaultReader<unknown>) {
    const result = await read.call(this);
    const isText = result.value instanceof Uint8Array && decoder.decode(result.value).includes('"text-delta"');
    if (isText) state.watched.arrived ??= now();
    return result;
  } as typeof read;
  new MutationObserver(() => {
    const texts = document.querySelectorAll('[data-testid="answer-text"]');
    const isThere = state.watched.arrived && !state.watched.shown && texts[texts.length - 1]?.textContent;
    if (isThere && texts[texts.length - 1].closest('[data-status="writing"]')) {
      state.watched.shown = now(); // not twice
      requestAnimationFrame(() => setTimeout(() => (state.watched.shown = now())));
    }
  }).observe(document, { subtree: true, childList: true, characterData: true });
}
