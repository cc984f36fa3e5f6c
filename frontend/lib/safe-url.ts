const SAFE = new Set(['http:', 'https:', 'mailto:', 'tel:']);

/** The address if a link may lead there, else null: no script, no data, nothing relative to this page. */
export function safeUrl(url: string | null | undefined): string | null {
  if (!url) return null;
  try {
    const parsed = new URL(url);
    return SAFE.has(parsed.protocol) ? parsed.href : null;
  } catch {
    return null;
  }
}
