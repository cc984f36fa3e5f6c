'use client';

import type { ReactNode } from 'react';

import { LanguageProvider, useText } from '@/lib/i18n/provider';

import { Button } from '@/components/ui/button';

/** Instead of a page that broke. */
export default function ErrorPage({ reset }: { reset: () => void }): ReactNode {
  return (
    <LanguageProvider>
      <Message reset={reset} />
    </LanguageProvider>
  );
}

function Message({ reset }: { reset: () => void }): ReactNode {
  const { t } = useText();
  return (
    <main className="grid min-h-dvh place-content-center justify-items-center gap-4 p-4 text-center">
      <h1 className="text-xl font-semibold">{t.failure}</h1>
      <Button look="primary" onClick={reset}>
        {t.tryAgain}
      </Button>
    </main>
  );
}
