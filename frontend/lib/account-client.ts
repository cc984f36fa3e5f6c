import type { Done, TokenResponse, UserRead } from './api';
import { Http } from './client/http';
import { TokenKeeper } from './client/tokens';
import type { Store } from './client/storage';
import { apiUrl } from './client/url';

export interface ClientOptions {
  /** Where a sign-in is kept; in memory when left out. */
  store?: Store;
}

/** Accounts: signing in and out, and what one may do with one's own. */
export class AccountClient {
  protected readonly http: Http;
  private readonly tokens: TokenKeeper;

  constructor(baseUrl: string, { store }: ClientOptions = {}) {
    this.tokens = new TokenKeeper(store);
    this.http = new Http(apiUrl(baseUrl), this.tokens);
  }

  get isSignedIn(): boolean {
    return this.tokens.isSignedIn;
  }

  /** Call `listener` whenever a sign-in begins or ends, on the service's side too; returns the way out. */
  onSignIn(listener: () => void): () => void {
    return this.tokens.subscribe(listener);
  }

  register(email: string, password: string, fullName?: string): Promise<UserRead> {
    const body = { email, password, ...(fullName ? { full_name: fullName } : {}) };
    return this.http.json('/users/register', { method: 'POST', body, anonymous: true });
  }

  async signIn(email: string, password: string): Promise<void> {
    const body = new URLSearchParams({ username: email, password });
    this.tokens.keep(
      await this.http.json<TokenResponse>('/users/login', { method: 'POST', body, anonymous: true }),
    );
  }

  /** Sign out here, at once; the service is told when it can be reached. */
  async signOut(): Promise<void> {
    if (!this.isSignedIn) return;
    try {
      await this.http.send('/users/logout', { method: 'POST' });
    } finally {
      this.tokens.forget();
    }
  }

  getAccount(): Promise<UserRead> {
    return this.http.json('/users/me');
  }

  /** Everything that is stored about the one who is signed in, as a file. */
  async exportAccount(): Promise<Blob> {
    return (await this.http.send('/users/me/export')).blob();
  }

  /** Erase the account and all its conversations, for ever. */
  async deleteAccount(password: string): Promise<void> {
    await this.http.send('/users/me', { method: 'DELETE', body: { password } });
    this.tokens.forget();
  }

  async changePassword(current: string, next: string): Promise<void> {
    const body = { current_password: current, new_password: next };
    this.tokens.keep(await this.http.json<TokenResponse>('/users/me/password', { method: 'POST', body }));
  }

  requestPasswordReset(email: string): Promise<Done> {
    return this.http.json('/users/password-reset', { method: 'POST', body: { email }, anonymous: true });
  }

  resetPassword(token: string, password: string): Promise<Done> {
    const body = { token, new_password: password };
    return this.http.json('/users/password-reset/confirm', { method: 'POST', body, anonymous: true });
  }

  requestConfirmation(): Promise<Done> {
    return this.http.json('/users/me/confirm-email', { method: 'POST' });
  }

  confirmEmail(token: string): Promise<Done> {
    return this.http.json('/users/confirm-email', { method: 'POST', body: { token }, anonymous: true });
  }
}
