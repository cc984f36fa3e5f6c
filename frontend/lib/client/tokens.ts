import type { TokenResponse } from '../api';
import { ApiError } from './error';
import { withLock } from './lock';
import { type Store, memoryStore } from './storage';

export const TOKENS_KEY = 'au-guru.tokens';
const LOCK = 'au-guru.refresh';
/** An access token is renewed this long before it ends. */
const EARLY_SECONDS = 30;

interface Tokens {
  access: string;
  refresh: string;
  /** When the access token ends, in milliseconds. */
  until: number;
}

/**
 * Keeps who is signed in. A refresh token is good once, and one that comes a second time ends the
 * sign-in: so there is one refresh at a time, over all tabs, and whoever waited takes its result.
 */
export class TokenKeeper {
  private readonly listeners = new Set<() => void>();
  private refreshing: Promise<string | null> | null = null;

  constructor(private readonly store: Store = memoryStore()) {}

  get isSignedIn(): boolean {
    return this.read() !== null;
  }

  /** Call `listener` whenever somebody signs in or out, or is signed out. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  };

  keep(tokens: TokenResponse): void {
    const kept: Tokens = {
      access: tokens.access_token,
      refresh: tokens.refresh_token,
      until: Date.now() + tokens.expires_in * 1000,
    };
    this.store.set(TOKENS_KEY, JSON.stringify(kept));
    this.listeners.forEach((listener) => listener());
  }

  forget(): void {
    this.store.set(TOKENS_KEY, null);
    this.listeners.forEach((listener) => listener());
  }

  /**
   * The access token to send; null when nobody is signed in. `refused` names one that the service
   * has just refused.
   */
  async access(renew: (refresh: string) => Promise<TokenResponse>, refused?: string): Promise<string | null> {
    const usable = this.usable(refused);
    if (usable !== undefined) return usable;
    this.refreshing ??= withLock(LOCK, this.store, () => this.refresh(renew, refused)).finally(() => {
      this.refreshing = null;
    });
    return this.refreshing;
  }

  private usable(refused?: string): string | null | undefined {
    const tokens = this.read();
    if (tokens === null) return null;
    const isFresh = tokens.until - EARLY_SECONDS * 1000 > Date.now();
    return isFresh && tokens.access !== refused ? tokens.access : undefined;
  }

  private async refresh(
    renew: (refresh: string) => Promise<TokenResponse>,
    refused?: string,
  ): Promise<string | null> {
    const usable = this.usable(refused); // another tab may have been faster
    if (usable !== undefined) return usable;
    const before = this.read();
    if (before === null) return null;
    try {
      const tokens = await renew(before.refresh);
      if (this.read()?.refresh === before.refresh) this.keep(tokens); // unless signed out meanwhile
      return tokens.access_token;
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) this.forget();
      throw error;
    }
  }

  private read(): Tokens | null {
    try {
      return JSON.parse(this.store.get(TOKENS_KEY) ?? 'null') as Tokens | null;
    } catch {
      return null;
    }
  }
}
