/** Answers that mean harm, or are merely very long. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { until } from './support/processes.ts';
import { setStage } from './support/stage.ts';

const HARM = [
  "<img src=x onerror=\"document.title='harmed'\"> <script>document.title='harmed'</script>",
  "[press](javascript:document.title='harmed') [here](data:text/html,<script>1</script>) [there](vbscript:x)",
  '![picture](https://tracker.example/p.png) ![again][1] <iframe src=https://tracker.example></iframe>',
  '[1]: https://tracker.example/q.png',
  '<https://tracker.example/a> https://www.au.edu/ [mail](mailto:info@au.edu)',
  "<svg onload=\"document.title='harmed'\"/> <a href=\"javascript:alert(1)\">x</a> <style>*{display:none}</style>",
].join('\n\n');
const RTL = 'مرحبا بكم في الجامعة \u202Eabc\u202C — שלום';
const TURNS = 250;

describe('Hardships', () => {
  const stage = setStage();

  describe('Answers that mean harm', () => {
    it('are shown as text: nothing runs, nothing is loaded, no link but to the web and mail', async () => {
      await stage.gemini.answer(HARM, 40);
      const visitor = await stage.visit();
      await visitor.ask('Tell me everything');
      await visitor.read('display:none');

      const text = visitor.lastAnswer.getByTestId('answer-text');
      assert.equal(await text.locator('img, script, iframe, svg, style, object, form').count(), 0);
      const links = await text.locator('a').evaluateAll((found) => (found as HTMLAnchorElement[]).map(({ href }) => href));
      for (const link of links) assert.match(link, /^(https?|mailto|tel):/);
      for (const link of await text.locator('a').all()) assert.match((await link.getAttribute('rel'))!, /noopener/);
      assert.doesNotMatch(await visitor.page.title(), /harmed/);
      assert.ok(await visitor.box.isVisible());
    });

    it('may be 30 kB long, one word, or written from right to left', async () => {
      const visitor = await stage.visit({ width: 320, height: 640 });
      for (const [answer, end] of [
        [`${'The university has many words. '.repeat(1_000)}The end.`, 'The end.'],
        ['w'.repeat(3_000), 'www'],
        [RTL, 'שלום'],
        ['ကျောင်းလခ'.repeat(300), 'ကျောင်း'],
      ]) {
        await stage.gemini.answer(answer, 200);
        await visitor.ask('Tell me everything');
        await visitor.read(end);
        assert.equal(await visitor.page.evaluate(() => document.documentElement.scrollWidth), 320);
      }
    });

    it('comes back from the history as it was', async () => {
      await stage.gemini.answer(HARM);
      const visitor = await stage.visit();
      await visitor.ask("<b>Tell</b> me [everything](javascript:document.title='harmed')");
      await visitor.read('display:none');
      await visitor.page.reload();
      await visitor.read('display:none');

      assert.equal(await visitor.page.getByTestId('messages').locator('img, script, iframe, b, style').count(), 0);
      assert.equal(await visitor.page.getByTestId('question').locator('a').count(), 0);
    });
  });

  describe('A very long conversation', () => {
    it('opens at its end, and all of its 500 messages can be read', async () => {
      await stage.gemini.answer('Well.');
      let session: string | undefined;
      for (let turn = 0; turn < TURNS; turn++) {
        const answer = await fetch(`${stage.service.url}/api/v1/chat/`, {
          method: 'POST',
          headers: { 'Content-Type': 'application/json' },
          body: JSON.stringify({ message: `Question number ${turn}.`, session_id: session }),
        });
        session = ((await answer.json()) as { session_id: string }).session_id;
      }
      const visitor = await stage.equip();
      await visitor.page.addInitScript((id) => localStorage.setItem('au-guru.session', id), session!);
      await visitor.page.goto(stage.service.page);

      const questions = visitor.page.getByTestId('question');
      await questions.filter({ hasText: `Question number ${TURNS - 1}.` }).waitFor();
      assert.ok((await questions.count()) < 50, 'only the newest messages are read at first');
      await until(async () => {
        await visitor.page.getByTestId('messages').evaluate((list) => (list.scrollTop = 0));
        await visitor.page.evaluate(() => window.scrollTo(0, 0));
        const earlier = visitor.page.getByTestId('load-earlier');
        if (await earlier.isVisible()) await earlier.click({ timeout: 1_000 }).catch(() => undefined);
        return (await questions.count()) === TURNS;
      }, 'all questions');

      assert.match((await questions.first().textContent())!, /Question number 0\./);
      await visitor.ask('And now?');
      await visitor.read('Well.');
      assert.equal(await questions.count(), TURNS + 1);
    });
  });
});
