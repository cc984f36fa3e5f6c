/** Pages of somebody else's site, on another origin than the service. */
import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";

export interface Host {
  origin: string;
  stop(): Promise<void>;
}

/** Serve these pages on localhost, which is another site to browsers than 127.0.0.1. */
export async function serveHost(pages: Record<string, string>, headers: Record<string, string> = {}): Promise<Host> {
  const server = http.createServer((request, response) => {
    const page = pages[(request.url ?? "/").split("?")[0]];
    response.writeHead(page === undefined ? 404 : 200, { "Content-Type": "text/html; charset=utf-8", ...headers });
    response.end(page);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    origin: `http://localhost:${(server.address() as AddressInfo).port}`,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
