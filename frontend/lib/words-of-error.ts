import { ApiError } from './api-client';
import type { Dictionary } from './i18n/language';

const KNOWN: Record<string, keyof Dictionary> = {
  offline: 'offlineNow',
  network_error: 'unreachable',
  connection_lost: 'unreachable',
  invalid_credentials: 'wrongCredentials',
  wrong_password: 'wrongPassword',
  weak_password: 'weakPassword',
  email_taken: 'emailTaken',
  invalid_link: 'invalidLink',
  mail_unavailable: 'mailUnavailable',
  last_administrator: 'lastAdministrator',
  not_authenticated: 'signedOut',
};

/** A failure in the words of the interface; what it has none for is told in the service's own. */
export function wordsOfError(error: unknown, t: Dictionary): string {
  if (!(error instanceof ApiError)) return t.failure;
  const known = KNOWN[error.code];
  const words = known === undefined ? undefined : t[known];
  if (typeof words === 'string') return words;
  if (error.status === 429) return error.retryAfter ? `${t.limited} ${t.waitSeconds(error.retryAfter)}` : t.limited;
  if (error.status >= 500) return error.retryAfter ? `${t.busy} ${t.waitSeconds(error.retryAfter)}` : t.busy;
  if (error.status === 422) return wordsOfField(error, t);
  return error.message;
}

function wordsOfField(error: ApiError, t: Dictionary): string {
  const fields = (error.problem?.errors ?? []).map((field) => field.loc.at(-1));
  if (fields.includes('email')) return t.badEmail;
  if (fields.some((field) => field === 'password' || field === 'new_password')) return t.shortPassword;
  return error.message;
}
