import assert from 'node:assert/strict';
import { test } from 'node:test';

import { SseParser, readEvents } from '../lib/client/sse';

const EVENTS = ': hello\r\ndata: {"a":"ค่าเทอม 🎓"}\r\n\r\ndata: one\ndata: two\n\nevent: x\nid: 7\ndata:three\r\rdata\n\n';
const WANTED = ['{"a":"ค่าเทอม 🎓"}', 'one\ntwo', 'three', ''];

async function read(chunks: Uint8Array[], silence?: number): Promise<string[]> {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      chunks.forEach((chunk) => controller.enqueue(chunk));
      if (silence === undefined) controller.close();
    },
  });
  const found: string[] = [];
  for await (const event of readEvents(body, { silence })) found.push(event);
  return found;
}

test('events are the same wherever a chunk is cut', async () => {
  const bytes = new TextEncoder().encode(EVENTS);
  for (let cut = 0; cut <= bytes.length; cut++) {
    assert.deepEqual(await read([bytes.slice(0, cut), bytes.slice(cut)]), WANTED, `cut at ${cut}`);
  }
});

test('events are the same byte by byte', async () => {
  const bytes = new TextEncoder().encode(EVENTS);
  assert.deepEqual(await read(Array.from(bytes, (byte) => Uint8Array.of(byte))), WANTED);
});

test('an event that is not ended is not given', () => {
  const parser = new SseParser();
  assert.deepEqual(parser.push('data: half\n'), []);
  assert.deepEqual(parser.push('data: half'), []);
  assert.deepEqual(parser.push('\n\n'), ['half\nhalf']);
});

test('a CR at the end of a chunk and an LF at the beginning of the next are one line break', () => {
  const parser = new SseParser();
  assert.deepEqual(parser.push('data: a\r'), []);
  assert.deepEqual(parser.push(''), []);
  assert.deepEqual(parser.push('\ndata: b\r'), []);
  assert.deepEqual(parser.push('\n\r'), ['a\nb']);
  assert.deepEqual(parser.push('\ndata: c\n\n'), ['c']);
});

test('a connection that is silent for too long counts as lost', async () => {
  await assert.rejects(read([new TextEncoder().encode('data: a\n\n')], 20), TypeError);
});
