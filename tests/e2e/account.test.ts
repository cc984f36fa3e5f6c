/** Accounts, for those who want one. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { violations } from './support/axe.ts';
import { until } from './support/processes.ts';
import { setStage } from './support/stage.ts';
import type { Visitor } from './support/visitor.ts';

const PASSWORD = 'mango sticky rice 7';
const ANSWER = 'With pleasure.';

describe('Accounts', () => {
  const stage = setStage();

  describe('With an account', () => {
    const openMenu = async ({ page }: Visitor) => {
      await page.getByTestId('menu').click();
      await page.getByTestId('panel').waitFor();
    };
    const closeMenu = ({ page }: Visitor) => page.getByTestId('panel-close').click();
    const enter = async ({ page }: Visitor, form: string, email: string) => {
      await page.getByTestId(form).getByTestId('email').fill(email);
      await page.getByTestId(form).getByTestId('password').fill(PASSWORD);
      await page.getByTestId(form).getByTestId('submit').click();
      await page.getByTestId('signed-in-as').filter({ hasText: email }).waitFor();
    };
    const register = async (visitor: Visitor, email: string) => {
      await openMenu(visitor);
      await visitor.page.getByTestId('to-register').click();
      await enter(visitor, 'register-form', email);
    };

    it('keeps the conversation, lists and searches all of them, and takes them along to another device', async () => {
      await stage.gemini.answer(ANSWER);
      const visitor = await stage.visit();
      await visitor.ask('How do I apply?');
      await visitor.read(ANSWER);
      await register(visitor, 'somchai@au.edu');
      assert.deepEqual(await violations(visitor.page), []);
      await closeMenu(visitor);
      await visitor.page.getByTestId('new-conversation').click();
      await visitor.page.getByTestId('empty-state').waitFor();
      await visitor.ask('ค่าเทอมเท่าไหร่');
      await visitor.read(ANSWER);

      const other = await stage.visit({ width: 390, height: 844 });
      await openMenu(other);
      await enter(other, 'sign-in-form', 'somchai@au.edu');
      const sessions = other.page.getByTestId('session-open');
      await until(async () => (await sessions.count()) === 2, 'both conversations');
      await other.picture('sessions');
      await other.page.getByTestId('search').fill('apply');
      await until(async () => (await sessions.count()) === 1, 'the one that was searched for');
      await sessions.first().click();
      await other.page.getByTestId('question').filter({ hasText: 'How do I apply?' }).waitFor();
      await other.read(ANSWER);
    });

    it('shows nothing any more to who comes after signing out', async () => {
      await stage.gemini.answer(ANSWER);
      const visitor = await stage.visit();
      await register(visitor, 'malee@au.edu');
      await closeMenu(visitor);
      await visitor.ask('How do I apply?');
      await visitor.read(ANSWER);

      await openMenu(visitor);
      await visitor.page.getByTestId('sign-out').click();
      await visitor.page.getByTestId('sign-in-form').waitFor();
      await visitor.page.reload();
      await visitor.page.getByTestId('empty-state').waitFor();
      const kept = await visitor.page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }));
      assert.doesNotMatch(kept, /token|eyJ/);
    });

    it('goes on as a visitor when the sign-in has ended elsewhere, and loses no question', async () => {
      await stage.gemini.answer(ANSWER);
      const visitor = await stage.visit({ expects: [/401/, /404/] });
      await register(visitor, 'nok@au.edu');
      await closeMenu(visitor);
      const form = new URLSearchParams({ username: 'nok@au.edu', password: PASSWORD });
      const login = await fetch(`${stage.service.url}/api/v1/users/login`, { method: 'POST', body: form });
      const { access_token } = (await login.json()) as { access_token: string };
      await fetch(`${stage.service.url}/api/v1/users/logout/all`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${access_token}` },
      });

      await visitor.ask('How do I apply?');
      const notice = visitor.page.locator('[data-testid="problem"][data-kind="signed_out"]');
      await notice.waitFor();
      await visitor.page.getByTestId('send-again').click();
      await visitor.read(ANSWER);
    });

    it('erases the account with everything in it', async () => {
      await stage.gemini.answer(ANSWER);
      const visitor = await stage.visit({ expects: [/401/] });
      await register(visitor, 'lek@au.edu');
      await closeMenu(visitor);
      await visitor.ask('How do I apply?');
      await visitor.read(ANSWER);

      await openMenu(visitor);
      await visitor.page.getByTestId('delete-account').locator('summary').click();
      await visitor.page.getByTestId('delete-account-password').fill(PASSWORD);
      await visitor.page.getByTestId('delete-account-submit').click();
      await visitor.page.getByTestId('sign-in-form').waitFor();
      const form = new URLSearchParams({ username: 'lek@au.edu', password: PASSWORD });
      const login = await fetch(`${stage.service.url}/api/v1/users/login`, { method: 'POST', body: form });
      assert.equal(login.status, 401);
    });

    it('downloads a conversation, with or without an account', async () => {
      await stage.gemini.answer(ANSWER);
      const visitor = await stage.visit();
      await visitor.ask('ค่าเทอมเท่าไหร่');
      await visitor.read(ANSWER);

      await openMenu(visitor);
      for (const format of ['markdown', 'json']) {
        const [download] = await Promise.all([
          visitor.page.waitForEvent('download'),
          visitor.page.getByTestId(`export-${format}`).click(),
        ]);
        const text = await readFile(await download.path(), 'utf8');
        assert.ok(text.includes('ค่าเทอมเท่าไหร่') && text.includes(ANSWER), format);
      }
    });

    it('erases a conversation without an account', async () => {
      await stage.gemini.answer(ANSWER);
      const visitor = await stage.visit();
      await visitor.ask('How do I apply?');
      await visitor.read(ANSWER);
      const session = await visitor.page.evaluate(() => localStorage.getItem('au-guru.session'));
      const history = `${stage.service.url}/api/v1/chat/${session}/history`;
      assert.equal((await fetch(history)).status, 200);

      await visitor.page.getByTestId('new-conversation').click();
      await visitor.page.getByTestId('erase-confirm').click();
      await visitor.page.getByTestId('empty-state').waitFor();
      assert.equal((await fetch(history)).status, 404);
    });
  });

  describe('Pages of mailed links', () => {
    for (const name of ['reset-password', 'confirm-email']) {
      it(`open from a link with no slash at its end: ${name}`, async () => {
        const visitor = await stage.equip({ width: 390, height: 844, expects: [/40\d/] });
        await visitor.page.goto(`${stage.service.url}/ui/${name}?token=not-a-good-one`);
        await visitor.page.locator('h1').waitFor();
        await visitor.picture(name);
        assert.deepEqual(await violations(visitor.page), []);
      });
    }
  });
});
