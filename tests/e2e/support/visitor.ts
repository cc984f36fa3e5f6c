/** Somebody with a browser of their own, who notes what the page asks for and complains of. */
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { ROOT, until } from './processes.ts';

const RESULTS = path.join(ROOT, 'frontend/e2e-results');

export interface Equipment {
  width?: number;
  height?: number;
  dark?: boolean;
  /** The language that the browser asks for. */
  locale?: string;
  /** Complaints that belong to the test: a refused request is one to Chromium. */
  expects?: RegExp[];
}

export class Visitor {
  readonly requests: string[] = [];
  private readonly complaints: string[] = [];

  private constructor(
    readonly context: BrowserContext,
    readonly page: Page,
    private readonly expects: RegExp[],
  ) {
    context.on('request', (request) => this.requests.push(request.url()));
    context.on('console', (message) => {
      if (['error', 'warning', 'assert'].includes(message.type())) {
        this.complaints.push(`${message.text()} (${message.location().url})`);
      }
    });
    context.on('weberror', (error) => this.complaints.push(String(error.error())));
  }

  static async equip(browser: Browser, equipment: Equipment): Promise<Visitor> {
    const context = await browser.newContext({
      viewport: { width: equipment.width ?? 1280, height: equipment.height ?? 800 },
      colorScheme: equipment.dark ? 'dark' : 'light',
      locale: equipment.locale ?? 'en-GB',
      timezoneId: 'Asia/Bangkok',
      reducedMotion: 'reduce',
    });
    context.setDefaultTimeout(20_000);
    await context.addInitScript('globalThis.__name ??= (work) => work'); // what tsx puts around functions
    return new Visitor(context, await context.newPage(), equipment.expects ?? []);
  }

  get box(): Locator {
    return this.page.getByTestId('composer');
  }

  get lastAnswer(): Locator {
    return this.page.getByTestId('answer').last();
  }

  /** Write a question and send it. */
  async ask(question: string): Promise<void> {
    await this.box.fill(question);
    await this.box.press('Enter');
  }

  /** Wait until the last answer reads so, as far as it is written. */
  async see(text: string | RegExp): Promise<void> {
    await this.lastAnswer.getByTestId('answer-text').filter({ hasText: text }).waitFor();
  }

  /** Wait until the last answer reads so and has come to this end. */
  async read(text: string | RegExp, status = 'complete'): Promise<void> {
    await this.see(text);
    await until(async () => (await this.lastAnswer.getAttribute('data-status')) === status, `an answer that is ${status}`);
  }

  /** Keep a picture of the page for people. */
  async picture(name: string): Promise<void> {
    await mkdir(RESULTS, { recursive: true });
    await this.page.screenshot({ path: path.join(RESULTS, `${name}.png`) });
  }

  /** Go, and hold the page to its promises: nothing to complain of, nobody else asked. */
  async leave(origins: string[]): Promise<void> {
    await this.context.close();
    const ours = (url: string) => /^(data|blob|about):/.test(url) || origins.includes(new URL(url).origin);
    assert.deepEqual(this.requests.filter((url) => !ours(url)), [], 'requests to somebody else');
    const open = this.complaints.filter((text) => !this.expects.some((pattern) => pattern.test(text)));
    assert.deepEqual(open, [], 'complaints of the page');
  }
}
