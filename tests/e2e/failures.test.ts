/** What goes wrong, in place and in words; a question is never lost. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { until } from './support/processes.ts';
import { setStage } from './support/stage.ts';
import type { Visitor } from './support/visitor.ts';

const START = 'The MBA of the university costs ';
const PIECES = [START, '500,000 baht ', 'for the whole ', 'programme.'];
const WHOLE = PIECES.join('');
// Chromium itself complains of these.
const NO_NETWORK = /net::ERR_|Failed to load resource/;

const problem = ({ page }: Visitor, kind: string) => page.locator(`[data-testid="problem"][data-kind="${kind}"]`);

describe('When the network or the service is away', () => {
  const stage = setStage();

  it('keeps a question that is asked offline, and sends it once back', async () => {
    const { asked } = await stage.gemini.count();
    await stage.gemini.answer(WHOLE);
    const visitor = await stage.visit({ expects: [NO_NETWORK] });
    await visitor.context.setOffline(true);

    await visitor.ask('How much is the MBA?');
    await problem(visitor, 'offline').waitFor();
    await visitor.page.getByTestId('question').filter({ hasText: 'How much is the MBA?' }).waitFor();
    await visitor.context.setOffline(false);
    await visitor.read(WHOLE);

    assert.equal(await problem(visitor, 'offline').count(), 0);
    assert.equal((await stage.gemini.count()).asked, asked + 1);
  });

  it('tells that the service is away, and sends the question again when it is back', async () => {
    await stage.gemini.answer(WHOLE);
    const visitor = await stage.visit({ expects: [NO_NETWORK] });
    await stage.service.kill();

    await visitor.ask('How much is the MBA?');
    await problem(visitor, 'unreachable').waitFor();
    await visitor.page.getByTestId('question').filter({ hasText: 'How much is the MBA?' }).waitFor();
    await stage.service.restart();
    await visitor.page.getByTestId('send-again').click();
    await visitor.read(WHOLE);

    assert.equal(await visitor.page.getByTestId('question').count(), 1);
  });

  it('keeps a comment that could not be saved in its box', async () => {
    await stage.gemini.answer(WHOLE);
    const visitor = await stage.visit({ expects: [NO_NETWORK] });
    await visitor.ask('How much is the MBA?');
    await visitor.read(WHOLE);
    await visitor.page.getByTestId('thumb-down').click();
    await visitor.page.getByTestId('comment-box').fill('The fee is missing');
    const status = (words: string) => visitor.page.getByTestId('feedback-status').filter({ hasText: words }).waitFor();

    await stage.service.kill();
    await visitor.page.getByTestId('comment-send').click();
    await status('could not be saved');
    assert.equal(await visitor.page.getByTestId('comment-box').inputValue(), 'The fee is missing');
    await stage.service.restart();
    await visitor.page.getByTestId('comment-send').click();
    await status('Thank you');
  });

  it('keeps what was written when the service is killed in the middle, and answers anew', async () => {
    await stage.gemini.hold(...PIECES);
    const visitor = await stage.visit({ expects: [NO_NETWORK, /ERR_INCOMPLETE_CHUNKED_ENCODING/] });
    await visitor.ask('How much is the MBA?');
    await stage.gemini.release(2);
    await visitor.see('500,000 baht');

    await stage.service.kill();
    await stage.gemini.answer(WHOLE);
    await stage.service.restart();
    // It is asked again by itself; when the page gives up before, it says so and offers it.
    const again = visitor.page.getByTestId('try-again');
    await visitor.lastAnswer.filter({ hasText: WHOLE }).or(again).first().waitFor();
    if (await again.isVisible()) await again.click();
    await visitor.read(WHOLE);

    assert.equal(await visitor.page.getByTestId('question').count(), 1);
    await visitor.page.reload();
    await visitor.read(WHOLE);
    assert.equal(await visitor.page.getByTestId('question').count(), 1);
  });

  it('shows in a second tab what the first one is being answered, and takes one question at a time', async () => {
    await stage.gemini.answer('Hello.');
    const visitor = await stage.visit({ expects: [/409/] });
    await visitor.ask('Good morning');
    await visitor.read('Hello.');
    const second = await visitor.context.newPage();
    await second.goto(stage.service.page);
    await second.getByTestId('answer-text').filter({ hasText: 'Hello.' }).waitFor();

    await stage.gemini.hold(...PIECES);
    await visitor.ask('How much is the MBA?');
    await stage.gemini.release(2);
    await visitor.see('500,000 baht');
    await second.getByTestId('composer').fill('How long does it take?');
    await second.getByTestId('composer').press('Enter');
    await stage.gemini.answer('Two years.'); // before the other one can be sent again
    await stage.gemini.release(2);
    await visitor.read(WHOLE);
    // It is sent again by itself; when it gives up before, it says why and offers it.
    const again = second.getByTestId('send-again');
    const done = second.getByTestId('answer-text').filter({ hasText: 'Two years.' });
    await done.or(again).first().waitFor();
    if (await again.isVisible()) await again.click();
    await done.waitFor();

    // Whoever comes back to the first tab sees what was said in the second.
    await visitor.page.evaluate(() => window.dispatchEvent(new Event('focus')));
    await visitor.read('Two years.');
  });
});

describe('When somebody asks too much', () => {
  const stage = setStage({ RATE_LIMIT_ENABLED: 'true', RATE_LIMIT_CHAT: '1 per 20 second' });

  it('counts the seconds down, keeps the question and lets it be sent again', async () => {
    await stage.gemini.answer(WHOLE);
    const visitor = await stage.visit({ expects: [/429/] });
    await visitor.ask('How much is the MBA?');
    await visitor.read(WHOLE);

    await visitor.ask('How long does it take?');
    const notice = problem(visitor, 'limited');
    await notice.filter({ hasText: /in \d+ s/ }).waitFor();
    const seconds = async () => Number(/in (\d+) s/.exec((await notice.textContent()) ?? '')?.[1] ?? 0);
    const first = await seconds();
    await until(async () => (await seconds()) < first, 'the seconds to count down');
    assert.ok(await visitor.page.getByTestId('send-again').isDisabled());

    await visitor.page.locator('[data-testid="send-again"]:not([aria-disabled])').click({ timeout: 40_000 });
    await visitor.read(WHOLE);
    assert.equal(await visitor.page.getByTestId('question').count(), 2);
  });
});
