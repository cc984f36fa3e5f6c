import type { ReactNode } from 'react';

/** The mark of the assistant: a shield in the university's red, with its initials. */
export function Shield({ className = 'size-9' }: { className?: string }): ReactNode {
  return (
    <svg viewBox="0 0 40 44" aria-hidden="true" className={`shrink-0 ${className}`}>
      <path d="M3 3h34v19c0 10-7.5 16-17 20C10.5 38 3 32 3 22z" className="fill-[#9b1b30]" />
      <path d="M3 3h34v8.500H3z" className="fill-[#1d3566]" />
      <path d="M3 3h34v19c0 10-7.5 16-17 20C10.5 38 3 32 3 22z" className="fill-none stroke-[#d9b25f]" strokeWidth="1.6" />
      <path
        d="m8.5 29 4.8-12h2.400l4.8 12h-2.700l-1-2.700h-4.700l-1 2.700zm4.4-4.800h3.200l-1.6-4.400zM22.5 17H25v7.300c0 1.7.8 2.6 2.2 2.600s2.2-.9 2.2-2.600V17h2.500v7.400c0 3-1.8 4.8-4.7 4.800s-4.7-1.8-4.7-4.800z"
        className="fill-white"
      />
    </svg>
  );
}
