/** What every test of the page stands on: service, fake Gemini, browser, and visitors that are held to account. */
import { after, afterEach, before } from 'node:test';
import { type Browser, launch } from './browser.ts';
import { Gemini } from './gemini.ts';
import type { Environment } from './processes.ts';
import { Service } from './service.ts';
import { type Equipment, Visitor } from './visitor.ts';

export class Stage {
  gemini!: Gemini;
  service!: Service;
  browser!: Browser;
  /** Origins besides the service's that a page may ask. */
  readonly others: string[] = [];
  private visitors: Visitor[] = [];

  /** Somebody with a fresh browser, not yet on any page. */
  async equip(equipment: Equipment = {}): Promise<Visitor> {
    const visitor = await Visitor.equip(this.browser, equipment);
    this.visitors.push(visitor);
    return visitor;
  }

  /** Somebody who has just opened the chat. */
  async visit(equipment: Equipment = {}, query = ''): Promise<Visitor> {
    const visitor = await this.equip(equipment);
    await visitor.page.goto(this.service.page + query);
    await visitor.box.waitFor();
    return visitor;
  }

  /** Keep a picture of what everybody sees. */
  async picture(name: string): Promise<void> {
    for (const [at, visitor] of this.visitors.entries()) await visitor.picture(`${name}-${at}`);
  }

  async dismiss(): Promise<void> {
    const visitors = this.visitors.splice(0);
    await Promise.all(visitors.map((visitor) => visitor.leave([this.service.url, ...this.others])));
  }
}

/** Set the stage for the tests around, and clear it behind them. */
export function setStage(settings: Environment | (() => Promise<Environment>) = {}): Stage {
  const stage = new Stage();
  before(async () => {
    stage.gemini = await Gemini.start();
    const chosen = typeof settings === 'function' ? await settings() : settings;
    [stage.service, stage.browser] = await Promise.all([Service.start(stage.gemini.url, chosen), launch()]);
  });
  afterEach(async (test) => {
    if ('passed' in test && !test.passed) await stage.picture(`failed-${test.name.replace(/\W+/g, '-')}`);
    await stage.dismiss();
  });
  after(async () => {
    await stage.browser?.close();
    await stage.service?.stop();
    await stage.gemini?.stop();
  });
  return stage;
}
