import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';

import { ApiClient, ApiError } from '../lib/api-client';
import { type Store, memoryStore } from '../lib/client/storage';
import { type Answerer, type Seen, json, problem, serve } from './server';

let close = (): void => undefined;
afterEach(() => close());

const tokens = (number: number, expires = 1800): unknown => ({
  access_token: `access-${number}`,
  refresh_token: `refresh-${number}`,
  token_type: 'bearer',
  expires_in: expires,
});

/** A service that gives the next pair of tokens for the last refresh token, and ends the sign-in for any other. */
function service(first: unknown): { answer: Answerer; refreshes: string[]; end: () => void } {
  const refreshes: string[] = [];
  let current = 0;
  const answer: Answerer = async (seen, response) => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    if (seen.path.endsWith('/users/login')) return json(first)(seen, response);
    if (seen.path.endsWith('/users/refresh')) {
      const given = (JSON.parse(seen.body) as { refresh_token: string }).refresh_token;
      refreshes.push(given);
      if (given !== `refresh-${current}`) return problem(401, 'not_authenticated')(seen, response);
      return json(tokens(++current))(seen, response);
    }
    const isGood = seen.headers.authorization === `Bearer access-${current}`;
    return (isGood ? json({ items: [], next_cursor: null }) : problem(401, 'not_authenticated'))(seen, response);
  };
  return { answer, refreshes, end: () => (current = -1) };
}

async function signIn(answer: Answerer, store: Store = memoryStore()): Promise<{ client: ApiClient; url: string; seen: Seen[] }> {
  const server = await serve(answer);
  close = server.close;
  const client = new ApiClient(server.url, { store });
  await client.signIn('a@au.edu', 'secret');
  return { client, ...server };
}

test('who is signed in is told by the token', async () => {
  const { client, seen } = await signIn(service(tokens(0)).answer);
  await client.listSessions();
  assert.equal(seen.at(-1)?.headers.authorization, 'Bearer access-0');
  assert.equal(seen[0]?.body, 'username=a%40au.edu&password=secret');
});

test('a token that ends is renewed first, once for all who wait', async () => {
  const { answer, refreshes } = service(tokens(0, 10));
  const { client } = await signIn(answer);
  await Promise.all(Array.from({ length: 8 }, () => client.listSessions()));
  assert.deepEqual(refreshes, ['refresh-0']);
});

test('tabs share one refresh: a replayed refresh token would end the sign-in', async () => {
  const { answer, refreshes } = service(tokens(0, 10));
  const store = memoryStore();
  const { client, url } = await signIn(answer, store);
  const tabs = [client, ...Array.from({ length: 4 }, () => new ApiClient(url, { store }))];
  await Promise.all(tabs.flatMap((tab) => [tab.listSessions(), tab.listSessions()]));
  assert.deepEqual(refreshes, ['refresh-0']);
});

test('a token that is refused is renewed, and the request sent again', async () => {
  const { answer, refreshes } = service({ ...(tokens(0) as object), access_token: 'revoked' });
  const { client } = await signIn(answer);
  assert.deepEqual((await client.listSessions()).items, []);
  assert.deepEqual(refreshes, ['refresh-0']);
});

test('a sign-in that the service has ended is forgotten, and told', async () => {
  const { answer, end } = service(tokens(0, 10));
  const { client, seen } = await signIn(answer);
  let told = 0;
  client.onSignIn(() => told++);
  end();
  await assert.rejects(client.listSessions(), (error: ApiError) => error.status === 401);
  assert.deepEqual([client.isSignedIn, told], [false, 1]);
  await client.listSessions().catch(() => undefined);
  assert.equal(seen.at(-1)?.headers.authorization, undefined);
});

test('a service that cannot be reached ends no sign-in', async () => {
  const { client } = await signIn(service(tokens(0, 10)).answer);
  close();
  await assert.rejects(client.listSessions(), (error: ApiError) => error.code === 'network_error');
  assert.equal(client.isSignedIn, true);
});

test('signing out forgets the tokens even when nobody hears it', async () => {
  const { client } = await signIn(service(tokens(0)).answer);
  close();
  await client.signOut().catch(() => undefined);
  assert.equal(client.isSignedIn, false);
});
