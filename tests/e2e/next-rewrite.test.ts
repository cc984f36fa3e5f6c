/** A stream through the owner's Next.js app, whose `rewrites()` stand between page and service. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { rm, symlink } from 'node:fs/promises';
import path from 'node:path';
import type { ChildProcess } from 'node:child_process';
import { after, before, describe, it } from 'node:test';
import { Gemini } from './support/gemini.ts';
import { freePort, kill, ROOT, start, untilAnswered } from './support/processes.ts';
import { Service } from './support/service.ts';

const APP = path.join(import.meta.dirname, 'next_rewrite');
const MODULES = path.join(ROOT, 'frontend/node_modules');
const NEXT = path.join(MODULES, 'next/dist/bin/next');
// The service looks at the first words together, whether they are its own rules.
const WORDS = ['The MBA of the university is ', 'taught ', 'in ', 'the ', 'city.'];

describe('A stream through a Next.js rewrite', () => {
  let gemini: Gemini, service: Service, app: ChildProcess, origin: string;

  before(async () => {
    gemini = await Gemini.start();
    service = await Service.start(gemini.url);
    await rm(path.join(APP, 'node_modules'), { force: true });
    await symlink(MODULES, path.join(APP, 'node_modules'), 'junction');
    const environment = { SERVICE_URL: service.url, NEXT_TELEMETRY_DISABLED: '1' };
    const build = start(process.execPath, [NEXT, 'build'], environment, APP);
    build.stdout!.resume();
    assert.deepEqual(await once(build, 'exit'), [0, null]);
    const port = await freePort();
    origin = `http://127.0.0.1:${port}`;
    app = start(process.execPath, [NEXT, 'start', '--port', String(port)], environment, APP);
    app.stdout!.resume();
    await untilAnswered(origin, app);
  });
  after(async () => {
    if (app) await kill(app);
    await service?.stop();
    await gemini?.stop();
  });

  it('compresses what is no stream, so that the next test means something', async () => {
    const answer = await fetch(`${origin}/api/v1/knowledge`, { headers: { 'Accept-Encoding': 'gzip' } });
    await answer.text();

    assert.equal(answer.headers.get('content-encoding'), 'gzip');
  });

  it('arrives part by part, each before the next one is written', async () => {
    await gemini.hold(...WORDS);
    const answer = await fetch(`${origin}/api/v1/chat/stream`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Accept-Encoding': 'gzip, br' },
      body: JSON.stringify({ message: 'Where is the MBA taught?' }),
    });
    const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    const untilLonger = async () => {
      for (const before = deltas(text).length; deltas(text).length === before; ) {
        const { done, value } = await reader.read();
        assert.ok(!done, 'the stream ended early');
        text += value;
      }
    };

    for (const _ of WORDS) {
      await gemini.release();
      await untilLonger();
    }
    for (let more = await reader.read(); !more.done; more = await reader.read()) text += more.value;

    assert.equal(answer.headers.get('content-encoding'), null);
    assert.equal(deltas(text).join(''), WORDS.join(''));
  });
});

/** The parts of the answer's text in what came so far. */
function deltas(text: string): string[] {
  return text
    .split('\n\n')
    .filter((event) => event.startsWith('data: {"type":"text-delta"') && event.endsWith('}'))
    .map((event) => (JSON.parse(event.slice(6)) as { delta: string }).delta);
}
