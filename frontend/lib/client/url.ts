const DEFAULT_URL = 'http://localhost:8000';

/** `url` with `/api/v1` behind it, whether it had that or not. */
export function apiUrl(url: string): string {
  return `${url.trim().replace(/\/+$/, '').replace(/\/api\/v1$/, '')}/api/v1`;
}

/** Where the service is: as told, on the page's own origin when the service serves the page, or on 8000. */
export function defaultApiUrl(): string {
  const told = process.env.NEXT_PUBLIC_API_URL;
  if (told) return apiUrl(told);
  return apiUrl(isServedByService() ? window.location.origin : DEFAULT_URL);
}

function isServedByService(): boolean {
  if (typeof window === 'undefined' || process.env.NODE_ENV === 'development') return false;
  return /^\/ui(\/|$)/.test(window.location.pathname);
}
