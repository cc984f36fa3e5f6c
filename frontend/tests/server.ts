import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as it came in. */
export interface Seen {
  method: string;
  path: string;
  headers: IncomingMessage['headers'];
  body: string;
}

export type Answerer = (seen: Seen, response: ServerResponse) => void | Promise<void>;

/** A real HTTP server that answers requests in the order of `answers`; the last one goes on answering. */
export async function serve(...answers: Answerer[]): Promise<{ url: string; seen: Seen[]; close: () => void }> {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    void readBody(request).then(async (body) => {
      const { method = '', url = '', headers } = request;
      const now = { method, path: url, headers, body };
      seen.push(now);
      const answer = answers.length > 1 ? answers.shift() : answers[0];
      await answer?.(now, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = (): void => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen, close };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

export function json(body: unknown, status = 200, headers: Record<string, string> = {}): Answerer {
  return (_, response) => {
    response.writeHead(status, { 'Content-Type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  };
}

export function problem(status: number, code: string, headers: Record<string, string> = {}): Answerer {
  return json({ title: code, status, detail: `detail of ${code}`, code }, status, headers);
}

/** A stream of parts; `end: false` breaks the connection off after them. */
export function stream(parts: unknown[], { end = true }: { end?: boolean } = {}): Answerer {
  return async (_, response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream; charset=utf-8' });
    for (const part of parts) response.write(`data: ${JSON.stringify(part)}\n\n`);
    if (end) return void response.end('data: [DONE]\n\n');
    await new Promise((resolve) => setTimeout(resolve, 20)); // what is written has to leave first
    response.destroy();
  };
}

export const START = { type: 'start', messageId: '2', messageMetadata: { session_id: 's1' } };
export const FINISH = {
  type: 'finish',
  finishReason: 'stop',
  messageMetadata: { answered_by: 'gemini', unsupported: ['999'], sources: [], language: 'en', status: 'complete' },
};
export const delta = (text: string): unknown => ({ type: 'text-delta', id: 'answer', delta: text });
