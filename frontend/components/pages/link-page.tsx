'use client';

import { type ReactNode, useState, useSyncExternalStore } from 'react';

import { ApiClient } from '@/lib/api-client';
import { browserStore } from '@/lib/client/storage';
import { LanguageProvider, useText } from '@/lib/i18n/provider';

import { Shield } from '../chat/brand';
import { LanguageSelect, ThemeButton } from '../chat/header';

interface LinkPageProps {
  children: (client: ApiClient, token: string) => ReactNode;
}

/** The frame of a page that a mailed link leads to; `children` get the link's token. */
export function LinkPage({ children }: LinkPageProps): ReactNode {
  return (
    <LanguageProvider>
      <Opened>{children}</Opened>
    </LanguageProvider>
  );
}

function Opened({ children }: LinkPageProps): ReactNode {
  const { t } = useText();
  const [client] = useState(() => new ApiClient(undefined, { store: browserStore('localStorage') }));
  const token = useSyncExternalStore(never, readToken, () => '');
  return (
    <div className="flex min-h-dvh flex-col">
      <header className="mx-auto flex w-full max-w-xl items-center justify-end gap-1 p-2">
        <LanguageSelect />
        <ThemeButton />
      </header>
      <main className="mx-auto w-full max-w-md flex-1 px-4 pt-8 pb-16">
        <div className="mb-6 flex items-center gap-3">
          <Shield className="h-12 w-11" />
          <div className="leading-tight">
            <p className="font-semibold">{t.title}</p>
            <p className="text-sm text-muted-foreground">{t.tagline}</p>
          </div>
        </div>
        <div className="space-y-4 rounded-2xl border border-border bg-card p-5 shadow-sm">
          {token === '' ? <p data-testid="no-link">{t.noLink}</p> : children(client, token)}
        </div>
        <ToChat />
      </main>
    </div>
  );
}

function ToChat(): ReactNode {
  const { t } = useText();
  return (
    <p className="mt-6 text-center text-sm">
      <a href="../" data-testid="to-chat" className="underline decoration-primary/60 underline-offset-3">
        {t.toChat}
      </a>
    </p>
  );
}

const never = (): (() => void) => () => undefined;
const readToken = (): string => new URLSearchParams(window.location.search).get('token') ?? '';
