import type { ReactNode } from 'react';

import { Shield } from './brand';

/** What stands here before the page knows its reader: nothing that has a language. */
export function Skeleton(): ReactNode {
  return (
    <div className="flex h-full flex-col bg-background text-foreground" aria-busy="true">
      <div className="border-b border-border bg-card/70">
        <div className="mx-auto flex h-14 w-full max-w-5xl items-center gap-2 px-3 sm:px-16">
          <Shield className="h-8 w-7" />
          <span className="font-semibold tracking-tight">AU-GURU</span>
        </div>
      </div>
      <div className="grid flex-1 place-items-center">
        <Shield className="h-16 w-14 animate-pulse" />
      </div>
    </div>
  );
}
