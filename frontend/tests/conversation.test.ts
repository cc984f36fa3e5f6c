import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';

import { ApiClient } from '../lib/api-client';
import { Conversation } from '../lib/chat/conversation';
import { ChatMemory } from '../lib/chat/memory';
import { memoryStore } from '../lib/client/storage';
import { type Answerer, FINISH, START, type Seen, delta, json, problem, serve, stream } from './server';

let close = (): void => undefined;
afterEach(() => close());

async function open(...answers: Answerer[]): Promise<{ chat: Conversation; memory: ChatMemory; seen: Seen[] }> {
  const server = await serve(...answers);
  close = server.close;
  const memory = new ChatMemory(memoryStore(), memoryStore());
  const chat = new Conversation(new ApiClient(server.url), memory);
  return { chat, memory, seen: server.seen };
}

const message = (id: number, role: string, content: string, status = 'complete'): unknown => ({
  id,
  role,
  content,
  status,
  timestamp: '2026-01-01T00:00:00Z',
});
const history = (messages: unknown[], has_more = false): Answerer => json({ session_id: 's1', messages, has_more });
const shown = (chat: Conversation): string[] =>
  chat.getState().items.map((item) => `${item.role} ${item.status}: ${item.content}`);

test('a question and its answer are shown, and the conversation is kept', async () => {
  const { chat, memory } = await open(stream([START, delta('Hello'), FINISH]));
  await chat.begin();
  await chat.send('  Hi  ');
  assert.deepEqual(shown(chat), ['user complete: Hi', 'assistant complete: Hello']);
  assert.deepEqual([memory.sessionId, memory.pending, chat.getState().phase], ['s1', null, 'ready']);
  assert.deepEqual(chat.getState().items[1]?.unsupported, ['999']);
});

test('nothing is sent while an answer is written, or when there is nothing to send', async () => {
  const { chat, seen } = await open(stream([START, delta('Hello'), FINISH]));
  await chat.begin();
  await chat.send(' \n ');
  await Promise.all([chat.send('One'), chat.send('Two')]);
  assert.equal(seen.length, 1);
});

test('a refused question stays, tells why, and is sent again under the same id', async () => {
  const { chat, seen } = await open(
    problem(429, 'rate_limited', { 'Retry-After': '30' }),
    stream([START, delta('Hello'), FINISH]),
  );
  await chat.begin();
  await chat.send('Hi');
  const [failed] = chat.getState().items;
  assert.deepEqual([failed?.status, failed?.problem?.kind], ['failed', 'limited']);
  await chat.retry(failed?.key ?? '');
  assert.deepEqual(shown(chat), ['user complete: Hi', 'assistant complete: Hello']);
  assert.equal(new Set(seen.map((request) => (JSON.parse(request.body) as { client_message_id: string }).client_message_id)).size, 1);
});

test('a refused question can be taken back to be changed', async () => {
  const { chat, memory } = await open(problem(422, 'invalid_request'));
  await chat.begin();
  await chat.send('Hi');
  assert.equal(chat.takeBack(chat.getState().items[0]?.key ?? ''), 'Hi');
  assert.deepEqual([chat.getState().items, memory.pending], [[], null]);
});

test('a reload reads the history and rejoins the answer that is written', async () => {
  const { chat, memory, seen } = await open(
    history([message(1, 'user', 'Hi', 'pending'), message(2, 'assistant', 'Hel', 'pending')]),
    stream([START, delta('Hello'), FINISH]),
  );
  memory.sessionId = 's1';
  await chat.begin();
  assert.deepEqual(shown(chat), ['user complete: Hi', 'assistant complete: Hello']);
  assert.deepEqual(seen.map((request) => request.path.split('?')[0]), ['/api/v1/chat/s1/history', '/api/v1/chat/s1/stream']);
});

test('an answer that ended before it was rejoined is read in the history', async () => {
  const { chat, memory } = await open(
    history([message(1, 'user', 'Hi', 'pending')]),
    (_, response) => void response.writeHead(204).end(),
    history([message(1, 'user', 'Hi'), message(2, 'assistant', 'Hello')]),
  );
  memory.sessionId = 's1';
  await chat.begin();
  assert.deepEqual(shown(chat), ['user complete: Hi', 'assistant complete: Hello']);
  assert.equal(chat.getState().phase, 'ready');
});

test('a message that a reload caught on its way is sent under its id', async () => {
  const { chat, memory, seen } = await open(stream([START, delta('Hello'), FINISH]));
  memory.pending = { text: 'Hi', sessionId: null, clientMessageId: 'the-id' };
  await chat.begin();
  assert.match(seen[0]?.body ?? '', /"client_message_id":"the-id"/);
  assert.equal(memory.pending, null);
});

test('a message that the service had already is shown once', async () => {
  const turn = [message(1, 'user', 'Hi'), message(2, 'assistant', 'Hello')];
  const { chat, memory } = await open(history(turn), stream([START, delta('Hello'), FINISH]), history(turn));
  memory.sessionId = 's1';
  memory.pending = { text: 'Hi', sessionId: 's1', clientMessageId: 'the-id' };
  await chat.begin();
  assert.deepEqual(shown(chat), ['user complete: Hi', 'assistant complete: Hello']);
  assert.deepEqual([memory.pending, chat.getState().phase], [null, 'ready']);
});

test('what was refused or stopped is not sent by a reload', async () => {
  const { chat, memory } = await open(problem(422, 'invalid_request'));
  await chat.begin();
  await chat.send('Hi');
  assert.equal(memory.pending, null);
});

test('a conversation that is gone makes room for an empty one', async () => {
  const { chat, memory } = await open(problem(404, 'session_not_found'));
  memory.sessionId = 'gone';
  await chat.begin();
  assert.deepEqual([chat.getState().phase, chat.getState().sessionId, memory.sessionId], ['ready', null, null]);
});

test('a question to a conversation of an account that has signed out begins a new one', async () => {
  const { chat, memory, seen } = await open(
    history([message(1, 'user', 'Old'), message(2, 'assistant', 'Answer')]),
    problem(404, 'session_not_found'),
    stream([{ ...START, messageMetadata: { session_id: 's2' } }, delta('Hello'), FINISH]),
  );
  memory.sessionId = 's1';
  await chat.begin();
  await chat.send('Hi');
  while (chat.isBusy) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.deepEqual(shown(chat), ['user complete: Hi', 'assistant complete: Hello']);
  assert.equal(memory.sessionId, 's2');
  assert.equal((JSON.parse(seen[2]?.body ?? '') as { session_id?: string }).session_id, undefined);
});

test('what was said in another tab is shown when one comes back', async () => {
  const { chat } = await open(
    stream([START, delta('Hello'), FINISH]),
    history([message(1, 'user', 'Hi'), message(2, 'assistant', 'Hello'), message(3, 'user', 'And?'), message(4, 'assistant', 'So.')]),
  );
  await chat.begin();
  await chat.send('Hi');
  await chat.lookAgain();
  assert.deepEqual(shown(chat).slice(2), ['user complete: And?', 'assistant complete: So.']);
  assert.equal(chat.getState().phase, 'ready');
});

test('an answer that another tab is being given is joined when one comes back', async () => {
  const { chat, memory } = await open(
    history([message(1, 'user', 'Hi'), message(2, 'assistant', 'Hello')]),
    history([
      message(1, 'user', 'Hi'),
      message(2, 'assistant', 'Hello'),
      message(3, 'user', 'And?', 'pending'),
      message(4, 'assistant', '', 'pending'),
    ]),
    stream([START, delta('So.'), FINISH]),
  );
  memory.sessionId = 's1';
  await chat.begin();
  await chat.lookAgain();
  assert.deepEqual(shown(chat).slice(2), ['user complete: And?', 'assistant complete: So.']);
});

test('coming back to what is known changes nothing', async () => {
  const turn = history([message(1, 'user', 'Hi'), message(2, 'assistant', 'Hello')]);
  const { chat, memory } = await open(turn, turn, problem(422, 'invalid_request'));
  memory.sessionId = 's1';
  await chat.begin();
  const { items } = chat.getState();
  await chat.lookAgain();
  await chat.lookAgain();
  assert.equal(chat.getState().items, items);
});

test('a conversation that was erased in another tab is gone when one comes back', async () => {
  const { chat, memory } = await open(history([message(1, 'user', 'Hi')]), problem(404, 'session_not_found'));
  memory.sessionId = 's1';
  await chat.begin();
  await chat.lookAgain();
  assert.deepEqual([chat.getState().items, memory.sessionId], [[], null]);
});

test('earlier messages come before the first one', async () => {
  const { chat, memory, seen } = await open(
    history([message(3, 'user', 'Later'), message(4, 'assistant', 'Yes')], true),
    history([message(1, 'user', 'First'), message(2, 'assistant', 'No')]),
  );
  memory.sessionId = 's1';
  await chat.begin();
  await Promise.all([chat.loadEarlier(), chat.loadEarlier()]);
  assert.deepEqual(chat.getState().items.map((item) => item.id), [1, 2, 3, 4]);
  assert.deepEqual([seen.length, chat.getState().hasEarlier], [2, false]);
  assert.match(seen[1]?.path ?? '', /before=3/);
});

test('a rating that cannot be kept is taken back', async () => {
  const { chat, memory } = await open(
    history([message(1, 'user', 'Hi'), message(2, 'assistant', 'Hello')]),
    problem(500, 'internal_error'),
  );
  memory.sessionId = 's1';
  await chat.begin();
  await assert.rejects(chat.rate('message-2', 'up'));
  assert.equal(chat.getState().items[1]?.feedback, null);
});

test('an answer that cannot be written anew stays as it was', async () => {
  const { chat, memory } = await open(
    history([message(1, 'user', 'Hi'), message(2, 'assistant', 'Hello')]),
    problem(429, 'rate_limited', { 'Retry-After': '30' }),
  );
  memory.sessionId = 's1';
  await chat.begin();
  await chat.regenerate();
  assert.deepEqual(shown(chat), ['user complete: Hi', 'assistant complete: Hello']);
  assert.equal(chat.getState().items[1]?.problem?.kind, 'limited');
});

test('an answer that breaks off for good keeps what was written', async () => {
  const { chat } = await open(stream([START, delta('Hel'), { type: 'error', errorText: 'It was cut off.' }]));
  await chat.begin();
  await chat.send('Hi');
  assert.deepEqual(shown(chat), ['user complete: Hi', 'assistant interrupted: Hel']);
  assert.equal(chat.getState().items[1]?.problem?.kind, 'cut_off');
});

test('an answer that was stopped before its first word leaves the question to be asked again', async () => {
  const { chat, seen } = await open(
    stream([START, { type: 'abort', reason: 'stopped' }]),
    stream([{ ...START, messageId: '4' }, delta('Hello'), FINISH]),
  );
  await chat.begin();
  await chat.send('Hi');
  assert.deepEqual(shown(chat), ['user stopped: Hi']);
  await chat.retry(chat.getState().items[0]?.key ?? '');
  assert.match(seen[1]?.body ?? '', /regenerate-message/);
  assert.deepEqual(shown(chat), ['user stopped: Hi', 'assistant complete: Hello']);
});
