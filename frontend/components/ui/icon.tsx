import type { ReactNode } from 'react';

const PATHS = {
  send: 'M12 19V5m0 0-6 6m6-6 6 6',
  stop: 'M7 7h10v10H7z',
  copy: 'M9 9h10v11H9zM5 15V4h10',
  check: 'm5 12 5 5 9-10',
  again: 'M20 11a8 8 0 1 0-2.3 6.3M20 4v7h-7',
  up: 'M7 11v9H4v-9zm0 0 4-8c1.7 0 2.6 1 2.4 2.6L13 9h5.4a1.6 1.6 0 0 1 1.6 1.9l-1.4 7.6A1.8 1.8 0 0 1 16.8 20H7',
  down: 'M17 13V4h3v9zm0 0-4 8c-1.7 0-2.6-1-2.4-2.6L11 15H5.6A1.6 1.6 0 0 1 4 13.100l1.4-7.600A1.8 1.8 0 0 1 7.2 4H17',
  menu: 'M4 7h16M4 12h16M4 17h10',
  plus: 'M12 5v14M5 12h14',
  close: 'm6 6 12 12M18 6 6 18',
  sun: 'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8M12 2v2m0 16v2M4.9 4.900l1.4 1.400m11.4 11.4 1.4 1.400M2 12h2m16 0h2M4.9 19.100l1.4-1.400M17.7 6.300l1.4-1.4',
  moon: 'M20 14.500A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.500z',
  device: 'M3 5h18v11H3zM9 20h6m-3-4v4',
  globe: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M3 12h18M12 3c3 3 3 15 0 18M12 3c-3 3-3 15 0 18',
  left: 'm14 6-6 6 6 6',
  right: 'm10 6 6 6-6 6',
  arrowDown: 'M12 5v14m0 0-6-6m6 6 6-6',
  book: 'M12 6c-2-1.5-5-2-8-2v14c3 0 6 .5 8 2 2-1.5 5-2 8-2V4c-3 0-6 .5-8 2zm0 0v14',
  warn: 'M12 4 2.5 20h19zM12 10v4m0 3v.01',
  pencil: 'm4 20 1-4L16 5l3 3L8 19zM14 7l3 3',
  bin: 'M5 7h14M9 7V4h6v3M7 7l1 13h8l1-13',
  download: 'M12 4v11m0 0-4-4m4 4 4-4M5 20h14',
} as const;

export type IconName = keyof typeof PATHS;

/** A drawing beside or instead of words; what it means is told by its button. */
export function Icon({ name, className = 'size-5' }: { name: IconName; className?: string }): ReactNode {
  return (
    <svg
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.8"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      className={`shrink-0 ${className}`}
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
