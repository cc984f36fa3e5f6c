/** Pages of somebody else's site, on another origin than the service. */
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';

export interface HostPage {
  html: string;
  /** Its Content-Security-Policy. */
  policy?: string;
}

export interface Host {
  origin: string;
  /** By their paths; may be filled later. */
  pages: Record<string, HostPage>;
  stop(): Promise<void>;
}

/** Serve pages on localhost, which is another site to browsers than 127.0.0.1. */
export async function serveHost(pages: Record<string, HostPage> = {}): Promise<Host> {
  const server = http.createServer((request, response) => {
    const page = pages[request.url ?? '/'];
    const policy = page?.policy ? { 'Content-Security-Policy': page.policy } : {};
    response.writeHead(page ? 200 : 204, { 'Content-Type': 'text/html; charset=utf-8', ...policy });
    response.end(page?.html);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://localhost:${(server.address() as AddressInfo).port}`,
    pages,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
