/** What axe finds wrong with a page, its frames included. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { ROOT } from './processes.ts';

const AXE = path.join(ROOT, 'frontend/node_modules/axe-core/axe.min.js');

/** Each violation with the element it is about; none is what we want. */
export async function violations(page: Page): Promise<string[]> {
  const source = await readFile(AXE, 'utf8');
  const found: string[] = [];
  for (const frame of page.frames()) {
    await frame.evaluate(source);
    found.push(
      ...(await frame.evaluate(async () => {
        const { axe } = globalThis as unknown as { axe: typeof import('axe-core') };
        const { violations } = await axe.run(document, { iframes: false });
        return violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`));
      })),
    );
  }
  return found;
}
