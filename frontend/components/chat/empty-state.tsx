import type { ReactNode } from 'react';

import { useText } from '@/lib/i18n/provider';

import { Icon } from '../ui/icon';
import { Shield } from './brand';

/** What stands where nothing was asked yet. */
export function EmptyState({ onAsk }: { onAsk: (question: string) => void }): ReactNode {
  const { t } = useText();
  return (
    <div className="m-auto w-full max-w-2xl px-1 py-4 text-center sm:py-8" data-testid="empty-state">
      <Shield className="mx-auto h-14 w-12 sm:h-16 sm:w-14" />
      <h2 className="mt-4 text-2xl font-semibold tracking-tight text-balance sm:text-3xl">{t.greeting}</h2>
      <p className="mx-auto mt-2 max-w-md text-balance text-muted-foreground">{t.introduction}</p>
      <h3 className="mt-6 mb-3 sm:mt-8 text-sm font-medium text-muted-foreground">{t.tryAsking}</h3>
      <ul className="grid gap-2.5 sm:grid-cols-2">
        {t.starters.map((question) => (
          <li key={question}>
            <button
              type="button"
              data-testid="suggestion"
              onClick={() => onAsk(question)}
              className="group flex h-full w-full cursor-pointer items-center justify-between gap-3 rounded-xl border border-border bg-card px-4 py-3 text-left text-sm shadow-xs transition hover:border-primary/50 hover:shadow-sm focus-visible:outline-2 focus-visible:outline-offset-2 focus-visible:outline-ring"
            >
              {question}
              <Icon name="right" className="size-4 text-muted-foreground transition-transform group-hover:translate-x-0.5" />
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
