'use client';

import { type FormEvent, type ReactNode, useState } from 'react';

import type { ApiClient } from '@/lib/api-client';
import { useText } from '@/lib/i18n/provider';

import { useAction } from '../account/use-action';
import { Button } from '../ui/button';
import { Field, Outcome } from '../ui/field';
import { LinkPage } from './link-page';

export function ResetPassword(): ReactNode {
  return <LinkPage>{(client, token) => <ResetForm client={client} token={token} />}</LinkPage>;
}

function ResetForm({ client, token }: { client: ApiClient; token: string }): ReactNode {
  const { t } = useText();
  const { isBusy, error, run } = useAction();
  const [isDone, setIsDone] = useState(false);
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const password = String(new FormData(event.currentTarget).get('password'));
    void run(() => client.resetPassword(token, password)).then(setIsDone);
  };
  return (
    <form onSubmit={submit} className="space-y-4" data-testid="reset-form">
      <h1 className="text-xl font-semibold">{t.resetTitle}</h1>
      {isDone ? null : (
        <Field
          label={t.newPassword}
          name="password"
          type="password"
          autoComplete="new-password"
          hint={t.passwordHint}
          required
          data-testid="password"
        />
      )}
      <Outcome error={error} done={isDone && t.resetDone} />
      {isDone ? null : (
        <Button type="submit" look="primary" className="w-full" disabled={isBusy} data-testid="submit">
          {t.save}
        </Button>
      )}
    </form>
  );
}
