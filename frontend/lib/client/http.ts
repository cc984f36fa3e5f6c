import type { TokenResponse } from '../api';
import { ApiError, errorOf, isAbort } from './error';
import type { TokenKeeper } from './tokens';

/** A request to one path of the service. */
export interface Call {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  body?: unknown;
  query?: Record<string, string | number | null | undefined>;
  accept?: string;
  signal?: AbortSignal;
  /** Sent without saying who is signed in. */
  anonymous?: boolean;
}

/** Sends requests, says who is signed in, and turns every failure into an `ApiError`. */
export class Http {
  constructor(
    readonly baseUrl: string,
    readonly tokens: TokenKeeper,
  ) {}

  async json<T>(path: string, call: Call = {}): Promise<T> {
    const response = await this.send(path, call);
    try {
      return (await response.json()) as T;
    } catch (error) {
      if (isAbort(error)) throw error;
      const code = error instanceof SyntaxError ? 'bad_response' : 'connection_lost';
      throw new ApiError('The answer of the service could not be read.', { status: response.status, code });
    }
  }

  /** A response that succeeded. */
  async send(path: string, call: Call = {}): Promise<Response> {
    if (call.anonymous) return succeed(await this.fetch(path, call, null));
    const token = await this.tokens.access(this.renew);
    const response = await this.fetch(path, call, token);
    if (response.status !== 401 || token === null) return succeed(response);
    const next = await this.tokens.access(this.renew, token);
    const again = await this.fetch(path, call, next);
    if (again.status === 401) this.tokens.forget();
    return succeed(again);
  }

  private readonly renew = (refresh: string): Promise<TokenResponse> =>
    this.json('/users/refresh', { method: 'POST', body: { refresh_token: refresh }, anonymous: true });

  private async fetch(path: string, call: Call, token: string | null): Promise<Response> {
    const headers = new Headers({ Accept: call.accept ?? 'application/json' });
    if (token !== null) headers.set('Authorization', `Bearer ${token}`);
    const isForm = call.body instanceof URLSearchParams;
    if (call.body !== undefined && !isForm) headers.set('Content-Type', 'application/json');
    try {
      return await fetch(this.baseUrl + path + queryOf(call.query), {
        method: call.method ?? 'GET',
        headers,
        body: isForm ? (call.body as URLSearchParams) : JSON.stringify(call.body),
        signal: call.signal,
        cache: 'no-store',
        credentials: 'omit',
      });
    } catch (error) {
      if (isAbort(error) || call.signal?.aborted) throw error;
      throw isOffline()
        ? new ApiError('There is no connection to the internet.', { code: 'offline' })
        : new ApiError('The service cannot be reached.', { code: 'network_error' });
    }
  }
}

async function succeed(response: Response): Promise<Response> {
  if (!response.ok) throw await errorOf(response);
  return response;
}

function isOffline(): boolean {
  return typeof navigator !== 'undefined' && navigator.onLine === false;
}

function queryOf(query: Call['query'] = {}): string {
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === null || value === undefined || value === '' ? [] : [[name, String(value)]],
  );
  return given.length > 0 ? `?${new URLSearchParams(given).toString()}` : '';
}
