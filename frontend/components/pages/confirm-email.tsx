'use client';

import { type ReactNode, useState } from 'react';

import type { ApiClient } from '@/lib/api-client';
import { useText } from '@/lib/i18n/provider';

import { useAction } from '../account/use-action';
import { Button } from '../ui/button';
import { Outcome } from '../ui/field';
import { LinkPage } from './link-page';

export function ConfirmEmail(): ReactNode {
  return <LinkPage>{(client, token) => <ConfirmForm client={client} token={token} />}</LinkPage>;
}

/** Opening the page changes nothing: programs that look at mail open links too. */
function ConfirmForm({ client, token }: { client: ApiClient; token: string }): ReactNode {
  const { t } = useText();
  const { isBusy, error, run } = useAction();
  const [isDone, setIsDone] = useState(false);
  return (
    <>
      <h1 className="text-xl font-semibold">{t.confirmTitle}</h1>
      {isDone ? null : <p>{t.confirmText}</p>}
      <Outcome error={error} done={isDone && t.confirmDone} />
      {isDone ? null : (
        <Button
          look="primary"
          className="w-full"
          disabled={isBusy}
          onClick={() => void run(() => client.confirmEmail(token)).then(setIsDone)}
          data-testid="submit"
        >
          {t.confirm}
        </Button>
      )}
    </>
  );
}
