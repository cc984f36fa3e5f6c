import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';

import { type AnswerEvent, ApiClient, ApiError } from '../lib/api-client';
import { type Answerer, FINISH, START, type Seen, delta, json, problem, serve, stream } from './server';

const ANSWER = {
  response: '112,000 baht',
  session_id: 's1',
  message_id: 2,
  timestamp: '2026-01-01T00:00:00Z',
  sources: [{ id: 'f1', title: 'Fees', date: '2026-01-01' }],
  suggestions: ['And the MBA?'],
  answered_by: 'knowledge',
  language: 'en',
  unsupported: [],
};
const QUICK = { 'Retry-After': '0' };

let close = (): void => undefined;
afterEach(() => close());

async function open(...answers: Answerer[]): Promise<{ client: ApiClient; seen: Seen[]; url: string }> {
  const server = await serve(...answers);
  close = server.close;
  return { client: new ApiClient(server.url), ...server };
}

async function all(events: AsyncIterable<AnswerEvent> | null): Promise<AnswerEvent[]> {
  const found: AnswerEvent[] = [];
  for await (const event of events ?? []) found.push(event);
  return found;
}

const textOf = (events: AnswerEvent[]): string =>
  events.map((event) => (event.type === 'text' ? event.text : '')).join('');
const idsOf = (seen: Seen[]): string[] => seen.map((request) => JSON.parse(request.body).client_message_id as string);

test('the address may end in /api/v1, in a slash or in neither', async () => {
  const { client, seen, url } = await open(json(ANSWER));
  for (const form of [url, `${url}/`, `${url}/api/v1`, `${url}/api/v1/`]) await new ApiClient(form).sendMessage('Hi');
  await client.sendMessage('Hi');
  assert.deepEqual([...new Set(seen.map((request) => request.path))], ['/api/v1/chat/']);
});

test('a message is sent with its session and an id of its own', async () => {
  const { client, seen } = await open(json(ANSWER));
  assert.equal((await client.sendMessage('Hi', 's1')).response, '112,000 baht');
  const body = JSON.parse(seen[0]?.body ?? '');
  assert.deepEqual([body.message, body.session_id], ['Hi', 's1']);
  assert.match(body.client_message_id, /^[0-9a-f]{32}$/);
});

test('a send is repeated under the same id when the service is busy or still answers', async () => {
  const busy = [503, 502, 504].map((status) => problem(status, 'service_unavailable', QUICK));
  const { client, seen } = await open(...busy, problem(409, 'turn_in_progress', QUICK), json(ANSWER));
  assert.equal((await client.sendMessage('Hi')).message_id, 2);
  assert.equal(seen.length, 5);
  assert.equal(new Set(idsOf(seen)).size, 1);
});

test('what waiting does not mend is told at once', async () => {
  for (const [status, code] of [
    [422, 'invalid_request'],
    [409, 'idempotency_key_reused'],
    [500, 'internal_error'],
  ] as const) {
    const { client, seen } = await open(problem(status, code));
    await assert.rejects(client.sendMessage('Hi'), (error: ApiError) => error.code === code && error.status === status);
    assert.equal(seen.length, 1);
    close();
  }
});

test('a refusal tells its code, its words and how long to wait', async () => {
  const { client } = await open(problem(429, 'rate_limited', { 'Retry-After': '17' }));
  await assert.rejects(all(client.streamMessage('Hi')), (error: ApiError) => {
    assert.deepEqual(
      [error.name, error.code, error.status, error.retryAfter, error.message],
      ['ApiError', 'rate_limited', 429, 17, 'detail of rate_limited'],
    );
    return true;
  });
});

test('a failure that is no problem document is an ApiError all the same', async () => {
  const { client } = await open((_, response) => void response.writeHead(500).end('<html>'));
  await assert.rejects(client.getHistory('s1'), (error: ApiError) => error.code === 'http_500');
});

test('an answer is read as it is written', async () => {
  const source = { type: 'source-url', sourceId: 'f1', url: 'https://www.au.edu/', title: 'AU' };
  const rest = [{ type: 'text-end', id: 'answer' }, { type: 'data-suggestions', data: ['Next?'] }, { type: 'data-new' }, FINISH];
  const { client } = await open(stream([START, source, { type: 'text-start', id: 'answer' }, delta('112,'), delta('000'), ...rest]));
  const events = await all(client.streamMessage('Hi'));
  assert.deepEqual(events.map((event) => event.type), ['start', 'source', 'text', 'text', 'suggestions', 'finish']);
  assert.deepEqual(events[0], { type: 'start', sessionId: 's1', messageId: 2 });
  assert.deepEqual(events.at(-1), {
    type: 'finish',
    answeredBy: 'gemini',
    unsupported: ['999'],
    sources: [],
    language: 'en',
    status: 'complete',
  });
});

test('an answer that breaks off is read on under the same id, without telling anything twice', async () => {
  const { client, seen } = await open(
    stream([START, delta('One '), delta('two ')], { end: false }),
    stream([START, delta('One two th'), delta('ree'), FINISH]),
  );
  const events = await all(client.streamMessage('Hi'));
  assert.deepEqual(events.map((event) => event.type), ['start', 'text', 'text', 'retry', 'text', 'text', 'finish']);
  assert.equal(textOf(events), 'One two three');
  assert.equal(new Set(idsOf(seen)).size, 1);
});

test('an answer that had to be begun anew starts anew', async () => {
  const { client } = await open(
    stream([START, delta('One')], { end: false }),
    stream([{ ...START, messageId: '4' }, delta('Another'), FINISH]),
  );
  const events = await all(client.streamMessage('Hi'));
  assert.deepEqual(events.map((event) => event.type), ['start', 'text', 'retry', 'start', 'text', 'finish']);
});

test('where nothing streams, the answer comes in one piece', async () => {
  for (const refusal of [problem(404, 'not_found'), problem(405, 'method_not_allowed'), json({ plain: true })]) {
    const { client, seen } = await open(refusal, json(ANSWER));
    const events = await all(client.streamMessage('Hi', 's1'));
    assert.equal(textOf(events), '112,000 baht');
    assert.equal(events.at(-1)?.type, 'finish');
    assert.deepEqual(seen.map((request) => request.path), ['/api/v1/chat/stream', '/api/v1/chat/']);
    assert.equal(new Set(idsOf(seen)).size, 1);
    close();
  }
});

test('a conversation of somebody else is an error, not a missing stream', async () => {
  const { client } = await open(problem(404, 'session_not_found'));
  await assert.rejects(all(client.streamMessage('Hi', 's1')), (error: ApiError) => error.code === 'session_not_found');
});

test('an error part is told in its own words', async () => {
  const { client } = await open(stream([START, { type: 'error', errorText: 'It was cut off.' }]));
  await assert.rejects(all(client.streamMessage('Hi')), (error: ApiError) => error.message === 'It was cut off.');
});

test('an abort ends the reading at once, with its own error', async () => {
  const { client } = await open((_, response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    response.write(`data: ${JSON.stringify(START)}\n\n`);
  });
  const control = new AbortController();
  const reading = (async () => {
    for await (const event of client.streamMessage('Hi', undefined, { signal: control.signal })) {
      if (event.type === 'start') control.abort();
    }
  })();
  await assert.rejects(reading, { name: 'AbortError' });
});

test('nothing runs: there is nothing to rejoin', async () => {
  const { client } = await open((_, response) => void response.writeHead(204).end());
  assert.equal(await client.rejoin('s1'), null);
});

test('an answer that ended while the connection was lost ends without finish', async () => {
  const { client } = await open(stream([START, delta('One')], { end: false }), (_, response) => void response.writeHead(204).end());
  const events = await all(await client.rejoin('s1'));
  assert.deepEqual(events.map((event) => event.type), ['start', 'text', 'retry']);
});

test('a stopped answer says so', async () => {
  const { client } = await open(stream([START, delta('One'), { type: 'abort', reason: 'stopped' }]));
  const last = (await all(client.streamMessage('Hi'))).at(-1);
  assert.equal(last?.type === 'finish' && last.status, 'stopped');
});

test('feedback is given, and taken back', async () => {
  const { client, seen } = await open(json({}));
  await client.sendFeedback('s/1', 2, 'down', 'Too long');
  await client.sendFeedback('s/1', 2, null);
  assert.deepEqual(seen.map(({ method, path }) => [method, path]), [
    ['PUT', '/api/v1/chat/s%2F1/messages/2/feedback'],
    ['DELETE', '/api/v1/chat/s%2F1/messages/2/feedback'],
  ]);
  assert.deepEqual(JSON.parse(seen[0]?.body ?? ''), { rating: 'down', comment: 'Too long' });
});
