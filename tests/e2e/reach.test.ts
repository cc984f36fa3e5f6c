/** For those who use no mouse, see no screen, allow no script, or read on paper. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { until } from './support/processes.ts';
import { setStage } from './support/stage.ts';
import type { Visitor } from './support/visitor.ts';

const ANSWER = 'The MBA costs 500,000 baht.';
const PASSWORD = 'mango sticky rice 7';

describe('Reach', () => {
  const stage = setStage();

  /** Press something as a keyboard does. */
  const press = async ({ page }: Visitor, name: string) => {
    await page.getByTestId(name).last().focus();
    await page.keyboard.press('Enter');
  };
  const hasFocus = ({ page }: Visitor, name: string, what: string) =>
    until(() => page.getByTestId(name).last().evaluate((element) => element === document.activeElement), what);
  const askAndRead = async (visitor: Visitor) => {
    await stage.gemini.answer(ANSWER);
    await visitor.ask('How much is the MBA?');
    await visitor.read(ANSWER);
  };

  describe('By keyboard alone', () => {
    it('comes back from a dialog to what opened it', async () => {
      const visitor = await stage.visit();
      await askAndRead(visitor);
      for (const [opener, closer] of [
        ['menu', 'panel-close'],
        ['new-conversation', 'erase-cancel'],
        ['new-conversation', 'erase-confirm'],
      ] as const) {
        await press(visitor, opener);
        await press(visitor, closer);
        await hasFocus(visitor, opener, `the focus to come back from ${closer}`);
      }
    });

    it('comes back from a comment to the thumb', async () => {
      const visitor = await stage.visit();
      await askAndRead(visitor);
      await press(visitor, 'thumb-down');
      await press(visitor, 'comment-skip');
      await hasFocus(visitor, 'thumb-down', 'the focus after no comment');
      await press(visitor, 'thumb-up');
      await visitor.page.getByTestId('comment-box').fill('Just what I wanted to know');
      await press(visitor, 'comment-send');
      await hasFocus(visitor, 'thumb-up', 'the focus after a comment');
    });

    it('is never lost on the way to an account and out of it', async () => {
      const visitor = await stage.visit({ expects: [/401/] });
      const { page } = visitor;
      await askAndRead(visitor);
      const fill = async () => {
        await page.getByTestId('email').fill('ploy@au.edu');
        await page.getByTestId('password').fill(PASSWORD);
      };
      const inPanel = (what: string) =>
        until(() => page.evaluate(() => document.activeElement?.closest('dialog') !== null), what);
      await press(visitor, 'menu');
      await fill();
      await press(visitor, 'submit');
      await page.getByTestId('form-error').waitFor();
      await hasFocus(visitor, 'submit', 'the focus after a refusal');
      for (const [link, field] of [['to-forgot', 'email'], ['to-sign-in', 'email'], ['to-register', 'email']] as const) {
        await press(visitor, link);
        await hasFocus(visitor, field, `the focus after ${link}`);
      }
      await fill();
      await press(visitor, 'submit');
      await page.getByTestId('signed-in-as').waitFor();
      await inPanel('the focus after the account was made');
      await press(visitor, 'session-rename');
      await page.getByTestId('session-title').fill('Fees');
      await press(visitor, 'session-save');
      await hasFocus(visitor, 'session-rename', 'the focus after a new title');
      await press(visitor, 'session-delete');
      await press(visitor, 'session-erase');
      await hasFocus(visitor, 'sessions', 'the focus after a conversation was deleted');
      await press(visitor, 'sign-out');
      await page.getByTestId('sign-in-form').waitFor();
      await inPanel('the focus after signing out');
    });
  });

  it('tells who listens why there is no answer, and that an old one is no new one', async () => {
    const visitor = await stage.visit({ expects: [/CONNECTION_REFUSED/, /DISCONNECTED/] });
    const heard = (words: RegExp) => visitor.page.getByTestId('announcer').filter({ hasText: words }).waitFor();
    await askAndRead(visitor);
    await heard(/^The answer is complete\.$/);

    await visitor.context.setOffline(true);
    await visitor.page.getByTestId('regenerate').click();
    await heard(/^There was no answer\. You are offline\./);
    await visitor.ask('And how long is it?');
    await heard(/^There was no answer\. You are offline\. The question is sent/);
  });

  it('is printed whole, dark on white, without what can only be pressed', async () => {
    await stage.gemini.answer(Array.from({ length: 60 }, (_, line) => `Line ${line + 1} of the answer.`).join('\n\n'));
    const visitor = await stage.visit({ dark: true, height: 600 });
    await visitor.ask('How much is the MBA?');
    await visitor.read('Line 60');

    await visitor.page.emulateMedia({ media: 'print' });
    for (const name of ['composer', 'menu', 'copy', 'suggestions']) {
      assert.equal(await visitor.page.getByTestId(name).last().isVisible(), false, name);
    }
    assert.equal(await visitor.page.evaluate(() => getComputedStyle(document.body).color), 'rgb(26, 33, 51)');
    const pages = (await visitor.page.pdf({ format: 'A4' })).toString('latin1').match(/\/Type \/Page\b/g) ?? [];
    assert.ok(pages.length >= 2, `${pages.length} page`);
  });

  it('says in each language that it needs JavaScript, where there is none', async () => {
    const context = await stage.browser.newContext({ javaScriptEnabled: false, viewport: { width: 320, height: 640 } });
    const page = await context.newPage();
    await page.goto(stage.service.page);
    const words = await page.locator('noscript').innerText();
    for (const sentence of [/needs JavaScript\. Please/, /ต้องใช้ JavaScript/, /需要 JavaScript/, /JavaScript လိုအပ်သည်/]) {
      assert.match(words, sentence);
    }
    await context.close();
  });
});
