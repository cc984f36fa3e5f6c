/** The chat on pages of somebody else's, by one script tag. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { FrameLocator, Locator } from 'playwright-core';
import { violations } from './support/axe.ts';
import { type Host, serveHost } from './support/host.ts';
import { until } from './support/processes.ts';
import { setStage } from './support/stage.ts';
import type { Visitor } from './support/visitor.ts';

const ANSWER = 'The campus is in Bang Na.';
const BLOCKED = /frame-ancestors|Refused to frame|violates the following Content Security Policy/;

describe('The widget', () => {
  let host: Host, stranger: Host;
  const stage = setStage(async () => {
    [host, stranger] = [await serveHost(), await serveHost()];
    return { FRAME_ANCESTORS: host.origin };
  });

  before(async () => {
    const { url } = stage.service;
    const example = (attributes = '', lang = 'en', times = 1) => ({
      html: `<!doctype html><html lang="${lang}"><title>Faculty</title>
        <meta name="viewport" content="width=device-width">
        <main><h1>Faculty of Science</h1><p><a href="#">About us</a></p></main>
        ${`<script src="${url}/widget.js" ${attributes} async></script>`.repeat(times)}`,
      policy: `default-src 'none'; script-src ${url}; frame-src ${url}; require-trusted-types-for 'script'`,
    });
    host.pages['/'] = example();
    host.pages['/thai'] = example('data-language="th" data-position="left" data-title="ถามเรา"');
    host.pages['/chinese'] = example('', 'zh-Hans');
    host.pages['/twice'] = example('', 'en', 2);
    stranger.pages['/'] = example();
    stage.others.push(host.origin, stranger.origin);
    await stage.gemini.answer(ANSWER);
  });
  after(async () => {
    await host?.stop();
    await stranger?.stop();
  });

  const come = async (path: string, equipment: Parameters<typeof stage.equip>[0] = {}) => {
    const visitor = await stage.equip(equipment);
    await visitor.page.goto((path.startsWith('/') ? host.origin : '') + path);
    return visitor;
  };
  const launcher = ({ page }: Visitor): Locator => page.locator('au-guru-widget .launcher');
  const frame = ({ page }: Visitor): FrameLocator => page.frameLocator('au-guru-widget iframe');
  const ask = async (visitor: Visitor, which = 0) => {
    await frame(visitor).getByTestId('composer').fill('Where is the campus?');
    await frame(visitor).getByTestId('composer').press('Enter');
    await frame(visitor).getByTestId('answer-text').nth(which).filter({ hasText: ANSWER }).waitFor();
    await frame(visitor).getByTestId('send').waitFor();
  };

  it('asks and answers under a strict policy of the page around, and loads nothing before it is opened', async () => {
    const visitor = await come('/');
    await launcher(visitor).waitFor();
    assert.deepEqual(visitor.requests.filter((url) => url.includes('/ui/')), []);

    await launcher(visitor).click();
    await ask(visitor);
    await visitor.picture('widget');
    assert.deepEqual(await violations(visitor.page), []);
  });

  it('is used by keyboard alone: the focus goes in, Escape closes, the focus comes back', async () => {
    const visitor = await come('/');
    await launcher(visitor).waitFor();
    await visitor.page.keyboard.press('Tab');
    await visitor.page.keyboard.press('Tab');
    await visitor.page.keyboard.press('Enter');
    assert.equal(await launcher(visitor).getAttribute('aria-expanded'), 'true');

    const composer = frame(visitor).getByTestId('composer');
    const hasFocus = () => composer.evaluate((box) => box === document.activeElement && document.hasFocus());
    await until(hasFocus, 'the focus in the box');
    await visitor.page.keyboard.type('Where is the campus?');
    await visitor.page.keyboard.press('Enter');
    await frame(visitor).getByTestId('answer-text').filter({ hasText: ANSWER }).waitFor();
    await visitor.page.keyboard.press('Escape');
    await visitor.page.locator('au-guru-widget .panel').waitFor({ state: 'hidden' });

    assert.equal(await launcher(visitor).getAttribute('aria-expanded'), 'false');
    assert.ok(await launcher(visitor).evaluate((button) => (button.getRootNode() as ShadowRoot).activeElement === button));
    await visitor.page.keyboard.press('Enter');
    await frame(visitor).getByTestId('answer-text').filter({ hasText: ANSWER }).waitFor();
  });

  it('takes language, corner and name from the tag, else the language of the page around', async () => {
    const thai = await come('/thai');
    assert.match((await launcher(thai).getAttribute('aria-label'))!, /^ถามเรา/);
    assert.ok((await launcher(thai).boundingBox())!.x < 100);
    await launcher(thai).click();
    await until(async () => (await frame(thai).locator('html').getAttribute('lang')) === 'th-TH', 'Thai');

    const chinese = await come('/chinese');
    assert.ok((await launcher(chinese).boundingBox())!.x > 1_000);
    await launcher(chinese).click();
    await until(async () => (await frame(chinese).locator('html').getAttribute('lang')) === 'zh-CN', 'Chinese');
  });

  it('is there once when its tag is there twice', async () => {
    const visitor = await come('/twice');
    await launcher(visitor).waitFor();
    await visitor.page.waitForLoadState('networkidle');

    assert.equal(await visitor.page.locator('au-guru-widget').count(), 1);
  });

  it('fills a phone, and has a way back', async () => {
    const visitor = await come('/', { width: 360, height: 640, dark: true });
    await launcher(visitor).click();
    await ask(visitor);
    await visitor.picture('widget-phone');

    assert.deepEqual(await visitor.page.locator('au-guru-widget .panel').boundingBox(), { x: 0, y: 0, width: 360, height: 640 });
    assert.deepEqual(await violations(visitor.page), []);
    await visitor.page.locator('au-guru-widget .closer').click();
    await visitor.page.locator('au-guru-widget .panel').waitFor({ state: 'hidden' });
  });

  it('works where browsers allow a frame no storage', async () => {
    const visitor = await stage.equip();
    await visitor.page.addInitScript(() => {
      if (window === window.top) return;
      for (const name of ['localStorage', 'sessionStorage', 'indexedDB', 'caches']) {
        Object.defineProperty(window, name, {
          get() {
            throw new DOMException('Access is denied for this document.', 'SecurityError');
          },
        });
      }
    });
    await visitor.page.goto(host.origin);
    await launcher(visitor).click();
    await ask(visitor);
    await ask(visitor, 1);
  });

  it('listens to its own frame only', async () => {
    const visitor = await come('/');
    await launcher(visitor).click();
    await ask(visitor);
    await visitor.page.evaluate(() => window.postMessage({ type: 'au-guru:close' }, '*'));
    await ask(visitor, 1);

    assert.ok(await visitor.page.locator('au-guru-widget .panel').isVisible());
  });

  it('does not show the chat on a page that the settings do not name', async () => {
    const visitor = await come(stranger.origin, { expects: [BLOCKED, /ERR_BLOCKED_BY_RESPONSE/] });
    await launcher(visitor).click();
    await until(() => visitor.requests.some((url) => url.includes('/ui/embed/')), 'the frame to be asked for');
    await visitor.page.waitForLoadState('networkidle');

    assert.equal(await frame(visitor).getByTestId('composer').count(), 0);
  });
});
