/** A conversation as it should go. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { until } from './support/processes.ts';
import { setStage } from './support/stage.ts';

const START = 'The MBA of the university costs ';
const PIECES = [START, '500,000 baht ', 'for the whole ', 'programme.'];
const WHOLE = PIECES.join('');

describe('A conversation', () => {
  const stage = setStage();

  it('shows the answer as it is written, then its sources, and keeps the focus', async () => {
    await stage.gemini.hold(...PIECES);
    const visitor = await stage.visit();

    await visitor.ask('How much is the MBA?');
    await visitor.page.getByTestId('question').filter({ hasText: 'How much is the MBA?' }).waitFor();
    await stage.gemini.release();
    await visitor.see('The MBA of the university costs');
    assert.deepEqual(await stage.gemini.count().then(({ running }) => running), 1);
    await stage.gemini.release(3);
    await visitor.read(WHOLE);

    await visitor.lastAnswer.getByTestId('sources').waitFor();
    assert.equal(await visitor.box.inputValue(), '');
    assert.ok(await visitor.box.evaluate((box) => box === document.activeElement), 'the focus stays in the box');
  });

  it('tells a screen reader of the start and the end of an answer, never of its words', async () => {
    await stage.gemini.hold(...PIECES);
    const visitor = await stage.visit();
    await visitor.page.evaluate(() => {
      const heard: string[] = ((globalThis as unknown as { heard: string[] }).heard = []);
      new MutationObserver((changes) => {
        for (const { target } of changes) {
          const element = target instanceof Element ? target : target.parentElement;
          const region = element?.closest('[aria-live],[role=status],[role=alert],[role=log]');
          if (region?.textContent && region.getAttribute('aria-live') !== 'off') heard.push(region.textContent);
        }
      }).observe(document.body, { subtree: true, childList: true, characterData: true });
    });

    await visitor.ask('How much is the MBA?');
    for (const _ of PIECES) await stage.gemini.release();
    await visitor.read(WHOLE);

    const heard = [...new Set(await visitor.page.evaluate(() => (globalThis as unknown as { heard: string[] }).heard))];
    assert.deepEqual(heard, ['AU-GURU is writing an answer.', 'The answer is complete.']);
  });

  it('goes on with a running answer after a reload, and asks the model once', async () => {
    const { asked } = await stage.gemini.count();
    await stage.gemini.hold(...PIECES);
    const visitor = await stage.visit();
    await visitor.ask('How much is the MBA?');
    await stage.gemini.release(2);
    await visitor.see('500,000 baht');

    await visitor.page.reload();
    await visitor.see('500,000 baht');
    await stage.gemini.release(2);
    await visitor.read(WHOLE);

    assert.equal(await visitor.page.getByTestId('question').count(), 1);
    assert.equal((await stage.gemini.count()).asked - asked, 1);
    await visitor.page.reload();
    await visitor.read(WHOLE);
  });

  it('stops an answer, keeps what is written and goes on', async () => {
    await stage.gemini.hold(...PIECES);
    const visitor = await stage.visit();
    await visitor.ask('How much is the MBA?');
    await stage.gemini.release(2);
    await visitor.see('500,000 baht');

    await visitor.page.getByTestId('stop').click();
    await visitor.page.getByTestId('stopped').waitFor();
    await until(async () => (await stage.gemini.count()).running === 0, 'the model to be left alone');
    await visitor.read('500,000 baht', 'stopped');
    await stage.gemini.answer('It takes two years.');
    await visitor.ask('How long does it take?');
    await visitor.read('It takes two years.');
  });

  it('answers once more, and shows what was answered before', async () => {
    await stage.gemini.answer('The first answer.');
    const visitor = await stage.visit();
    await visitor.ask('How much is the MBA?');
    await visitor.read('The first answer.');

    await stage.gemini.answer('The second answer.');
    await visitor.page.getByTestId('regenerate').click();
    await visitor.read('The second answer.');
    await visitor.page.getByTestId('version-previous').click();
    await visitor.see('The first answer.');
    await visitor.page.getByTestId('version-next').click();
    await visitor.see('The second answer.');
    await visitor.page.reload();
    await visitor.read('The second answer.');
  });

  it('takes a rating with a comment, and takes it back', async () => {
    await stage.gemini.answer(WHOLE);
    const visitor = await stage.visit();
    await visitor.ask('How much is the MBA?');
    await visitor.read(WHOLE);

    const fill = () => visitor.page.getByTestId('thumb-down').locator('svg').evaluate((icon) => getComputedStyle(icon).fill);
    assert.equal(await fill(), 'none');
    await visitor.page.getByTestId('thumb-down').click();
    await until(async () => (await fill()) !== 'none', 'the thumb to be filled');
    await visitor.page.getByTestId('comment-box').fill('The fee is missing');
    await visitor.page.getByTestId('comment-send').click();
    await visitor.page.getByTestId('feedback-status').filter({ hasText: 'Thank you' }).waitFor();
    await visitor.page.reload();
    const pressed = () => visitor.page.getByTestId('thumb-down').getAttribute('aria-pressed');
    await until(async () => (await pressed()) === 'true', 'the rating to be there after a reload');
    await visitor.page.getByTestId('thumb-down').click();
    await until(async () => (await pressed()) === 'false', 'the rating to be gone');
  });

  it('sends a suggested question, and one of those at the start', async () => {
    await stage.gemini.answer('Gladly.');
    const visitor = await stage.visit();

    await visitor.page.getByTestId('suggestion').first().click();
    await visitor.read('Gladly.');
    const next = visitor.page.getByTestId('suggestions').last().getByTestId('suggestion').first();
    const question = (await next.textContent())!.trim();
    await next.click();
    await visitor.page.getByTestId('question').nth(1).filter({ hasText: question }).waitFor();
    await visitor.read('Gladly.');
  });

  it("says when the university's own facts answered instead of the model", async () => {
    await stage.gemini.fail(400);
    const visitor = await stage.visit();

    await visitor.ask("How much is the tuition for a bachelor's degree?");
    await visitor.read('112,000');
    await visitor.page.getByTestId('from-facts').waitFor();
    const lines = await visitor.lastAnswer.getByTestId('answer-text').innerText();
    assert.match(lines, /\n• /, 'each fact on a line of its own');
  });

  it('marks figures that no fact supports', async () => {
    await stage.gemini.answer('The MBA costs 123,456 baht.');
    const visitor = await stage.visit();

    await visitor.ask('How much is the MBA?');
    await visitor.read('123,456');
    await visitor.page.getByTestId('unsupported').filter({ hasText: '123,456' }).waitFor();
    assert.match((await visitor.page.getByTestId('unsupported-mark').first().textContent())!, /123,456/);
  });

  it('sends nothing while a word is being composed, and a line break with Shift', async () => {
    const { asked } = await stage.gemini.count();
    await stage.gemini.answer(WHOLE);
    const visitor = await stage.visit();
    const keyboard = await visitor.context.newCDPSession(visitor.page);
    await visitor.box.focus();

    await keyboard.send('Input.imeSetComposition', { text: '学费', selectionStart: 2, selectionEnd: 2 });
    const enter = { key: 'Enter', code: 'Enter', windowsVirtualKeyCode: 229 };
    await keyboard.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', ...enter });
    await keyboard.send('Input.dispatchKeyEvent', { type: 'keyUp', ...enter });
    await keyboard.send('Input.insertText', { text: '学费' });
    await visitor.box.press('Shift+Enter');
    await visitor.page.keyboard.insertText('多少？');
    assert.equal(await visitor.box.inputValue(), '学费\n多少？');
    assert.equal((await stage.gemini.count()).asked, asked);

    await visitor.box.press('Enter');
    await visitor.read(WHOLE);
    assert.equal((await stage.gemini.count()).asked, asked + 1);
  });
});
