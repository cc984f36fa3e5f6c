/** Four languages, two themes and three widths. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import { en } from '../../frontend/lib/i18n/en.ts';
import { my } from '../../frontend/lib/i18n/my.ts';
import { th } from '../../frontend/lib/i18n/th.ts';
import { zh } from '../../frontend/lib/i18n/zh.ts';
import { violations } from './support/axe.ts';
import { setStage } from './support/stage.ts';

const ANSWER = [
  'The **MBA** costs 500,000 baht, and 123,456 baht for books:',
  '| part | baht |\n|---|---|\n| tuition | 500,000 |\n| books | 123,456 |',
  '- two years\n- in the evening',
  '| faculty | programme | fee | remarks |\n|---|---|---:|---|\n| MSME | MBA | 123,456 | in two years of evenings and weekends |',
  `One very long word: ${'assumption'.repeat(30)}`,
].join('\n\n');
const LANGUAGES = {
  'en-GB': { tag: 'en', words: en, question: 'How much is the MBA?' },
  'th-TH': { tag: 'th', words: th, question: 'ค่าเทอม MBA เท่าไหร่' },
  'zh-CN': { tag: 'zh', words: zh, question: 'MBA 学费多少？' },
  'my-MM': { tag: 'my', words: my, question: 'MBA ကျောင်းလခ ဘယ်လောက်လဲ' },
};
const WIDTHS = [320, 390, 1280];

describe('Looks', () => {
  const stage = setStage();

  describe('Languages', () => {
    for (const [locale, { tag, words, question }] of Object.entries(LANGUAGES)) {
      it(`speaks the browser's: ${tag}`, async () => {
        await stage.gemini.answer(ANSWER);
        const visitor = await stage.visit({ locale, width: 390, height: 844 });

        await visitor.page.getByTestId('empty-state').filter({ hasText: words.greeting }).waitFor();
        assert.match((await visitor.page.locator('html').getAttribute('lang'))!, new RegExp(`^${tag}`));
        assert.equal(await overflow(visitor.page), 0);
        await visitor.picture(`start-${tag}`);
        await visitor.ask(question);
        await visitor.read('MBA');
        assert.equal(await overflow(visitor.page), 0);
        await visitor.picture(`answer-${tag}`);
      });
    }

    it('keeps the one that was chosen', async () => {
      const visitor = await stage.visit();
      await visitor.page.getByTestId('language').selectOption('th');
      const placeholder = () => visitor.box.getAttribute('placeholder');
      const thai = await placeholder();
      assert.match(thai!, /[\u0e00-\u0e7f]/);

      await visitor.page.reload();
      await visitor.box.waitFor();
      assert.equal(await placeholder(), thai);
    });
  });

  describe('Themes', () => {
    for (const dark of [true, false]) {
      it(`are there from the first frame on, by the device or by choice: ${dark ? 'dark' : 'light'}`, async () => {
        const asDevice = await stage.equip({ dark });
        const byChoice = await stage.equip({ dark: !dark });
        for (const visitor of [asDevice, byChoice]) await visitor.page.addInitScript(watchFrames);
        const chosen = dark ? 'dark' : 'light';
        await byChoice.page.addInitScript((theme) => localStorage.setItem('au-guru.theme', theme), chosen);

        for (const visitor of [asDevice, byChoice]) {
          await visitor.page.goto(stage.service.page);
          await visitor.box.waitFor();
          const seen = await visitor.page.evaluate(() => (globalThis as unknown as { seen: number[] }).seen);
          assert.ok(seen.length > 0);
          const isWrong = (lightness: number) => (dark ? lightness > 0.3 : lightness < 0.7);
          assert.deepEqual(seen.filter(isWrong), [], 'a flash');
        }
      });
    }
  });

  it('leaves room to read where the screen is no higher than a hand: four times as large, or a phone on its side', async () => {
    const visitor = await stage.visit({ width: 320, height: 256 });
    await visitor.box.fill('How much is the MBA?\n'.repeat(20));
    const room = await visitor.page.getByTestId('messages').evaluate((list) => list.clientHeight);
    assert.ok(room >= 64, `${room} px`);
    await visitor.box.fill('');
    assert.ok((await visitor.page.getByTestId('messages').evaluate((list) => list.clientHeight)) >= 110);
  });

  describe('Widths, with axe', () => {
    for (const width of WIDTHS) {
      for (const dark of [false, true]) {
        it(`has nothing cut off and no violation at ${width} px, ${dark ? 'dark' : 'light'}`, async () => {
          await stage.gemini.answer(ANSWER);
          const visitor = await stage.visit({ width, height: width < 500 ? 720 : 800, dark });
          const name = `${width}-${dark ? 'dark' : 'light'}`;
          const inspect = async (state: string) => {
            assert.equal(await overflow(visitor.page), 0, state);
            await visitor.picture(`${state}-${name}`);
            assert.deepEqual(await violations(visitor.page), [], state);
          };

          await inspect('start');
          await visitor.ask('How much is the MBA?');
          await visitor.read('MBA');
          await visitor.page.getByTestId('unsupported').waitFor();
          await inspect('answer');
          const lines = (mark: Element) => mark.getClientRects().length;
          assert.equal(await visitor.page.locator('td mark').first().evaluate(lines), 1, 'a figure stands on one line');
          await visitor.page.getByTestId('thumb-down').click();
          await visitor.page.getByTestId('comment-box').waitFor();
          await inspect('comment');
          await visitor.page.getByTestId('menu').click();
          await visitor.page.getByTestId('panel').waitFor();
          await inspect('menu');
        });
      }
    }
  });
});

/** How many pixels of the page stand over its side. */
function overflow(page: Page): Promise<number> {
  return page.evaluate(() => Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth));
}

/** In the page: note the lightness of the ground in each frame, from 0 to 1. */
function watchFrames(): void {
  const seen: number[] = ((globalThis as unknown as { seen: number[] }).seen = []);
  const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true })!;
  const look = () => {
    if (document.body) {
      canvas.fillStyle = getComputedStyle(document.body).backgroundColor;
      canvas.fillRect(0, 0, 1, 1);
      const [red, green, blue] = canvas.getImageData(0, 0, 1, 1).data;
      seen.push((red + green + blue) / 765);
    }
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}
