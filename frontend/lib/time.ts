/** A time in the reader's own zone and language; only ever called in the browser. */
export function formatTime(iso: string, locale: string, now = new Date()): string {
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) return '';
  const isToday = time.toDateString() === now.toDateString();
  const date: Intl.DateTimeFormatOptions = isToday ? {} : { day: 'numeric', month: 'short' };
  const year: Intl.DateTimeFormatOptions = time.getFullYear() === now.getFullYear() ? {} : { year: 'numeric' };
  return new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', ...date, ...(isToday ? {} : year) }).format(time);
}

/** A source's date; what is no whole date (a year, a month) stays as it is written. */
export function formatDate(date: string, locale: string): string {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date)) return date;
  const day = new Date(`${date}T00:00:00Z`);
  if (Number.isNaN(day.getTime())) return date;
  return new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone: 'UTC' }).format(day);
}
