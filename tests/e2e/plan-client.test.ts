/** The plan's own listing of `lib/api-client.ts`, word for word, against the running service. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { transform } from 'esbuild';
import { ApiClient } from './plan-api-client.ts';
import { launch, type Browser } from './support/browser.ts';
import { Gemini } from './support/gemini.ts';
import { type Host, serveHost } from './support/host.ts';
import { Service } from './support/service.ts';

const ANSWER = 'The MBA costs 500,000 baht.';

describe("The plan's ApiClient", () => {
  let gemini: Gemini, host: Host, service: Service, browser: Browser;

  before(async () => {
    gemini = await Gemini.start();
    host = await serveHost({ '/': { html: "<!doctype html><title>The owner's app</title>" } });
    service = await Service.start(gemini.url, { ALLOWED_ORIGINS: host.origin });
    browser = await launch();
    await gemini.answer(ANSWER);
  });
  after(async () => {
    await browser?.close();
    await host?.stop();
    await service?.stop();
    await gemini?.stop();
  });

  it('sends a message, goes on in the same session and resets it', async () => {
    const client = new ApiClient(`${service.url}/api/v1`);

    const first = await client.sendMessage('How much is the MBA?');
    const second = await client.sendMessage('And how long does it take?', first.session_id);
    const reset = await client.resetSession(first.session_id);

    assert.equal(first.response, ANSWER);
    assert.equal(second.session_id, first.session_id);
    assert.ok(Date.parse(second.timestamp) >= Date.parse(first.timestamp));
    assert.deepEqual(Object.keys(reset).sort(), ['message', 'session_id']);
    await assert.rejects(client.resetSession(first.session_id), /Failed to reset session/);
    await assert.rejects(client.sendMessage('   '), /Failed to send message/);
  });

  it('works in a browser, on a page of another origin that the settings allow', async () => {
    const source = await readFile(path.join(import.meta.dirname, 'plan-api-client.ts'), 'utf8');
    const { code } = await transform(source, { loader: 'ts', format: 'iife', globalName: 'plan' });
    const page = await browser.newPage();
    await page.goto(host.origin);
    await page.addScriptTag({ content: code });

    const answers = await page.evaluate(async (base) => {
      const { plan } = globalThis as unknown as { plan: { ApiClient: typeof ApiClient } };
      const client = new plan.ApiClient(base);
      const first = await client.sendMessage('How much is the MBA?');
      return [first.response, (await client.resetSession(first.session_id)).session_id === first.session_id];
    }, `${service.url}/api/v1`);
    await page.close();

    assert.deepEqual(answers, [ANSWER, true]);
  });
});
