'use client';

import type { ReactNode } from 'react';

import { LanguageProvider, useText } from '@/lib/i18n/provider';

import { Shield } from '../chat/brand';

export function NotFound(): ReactNode {
  return (
    <LanguageProvider>
      <Message />
    </LanguageProvider>
  );
}

function Message(): ReactNode {
  const { t } = useText();
  return (
    <main className="grid min-h-dvh place-content-center justify-items-center gap-4 p-4 text-center">
      <Shield className="h-16 w-14" />
      <h1 className="text-xl font-semibold">{t.notFound}</h1>
      <a href="/ui/" className="underline decoration-primary/60 underline-offset-3">
        {t.toChat}
      </a>
    </main>
  );
}
