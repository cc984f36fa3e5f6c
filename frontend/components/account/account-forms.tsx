'use client';

import { type FormEvent, type ReactNode, useRef, useState } from 'react';

import { useText } from '@/lib/i18n/provider';

import { useConversation } from '../chat/context';
import { Button } from '../ui/button';
import { Field, Outcome } from '../ui/field';
import { useAction } from './use-action';

export function PasswordForm(): ReactNode {
  const { t } = useText();
  const { client } = useConversation();
  const { isBusy, error, run } = useAction();
  const [isDone, setIsDone] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    const [current, next] = [String(given.get('current')), String(given.get('next'))];
    void run(() => client.changePassword(current, next)).then((succeeded) => {
      setIsDone(succeeded);
      if (succeeded) form.current?.reset();
    });
  };
  return (
    <Fold title={t.changePassword} testId="change-password">
      <form ref={form} onSubmit={submit} className="space-y-3">
        <Field label={t.currentPassword} name="current" type="password" autoComplete="current-password" required />
        <Field label={t.newPassword} name="next" type="password" autoComplete="new-password" hint={t.passwordHint} required />
        <Outcome error={error} done={isDone && t.passwordChanged} />
        <Button type="submit" look="primary" disabled={isBusy} data-testid="change-password-submit">
          {t.changePassword}
        </Button>
      </form>
    </Fold>
  );
}

export function DeleteAccountForm(): ReactNode {
  const { t } = useText();
  const conversation = useConversation();
  const { isBusy, error, run } = useAction();
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const password = String(new FormData(event.currentTarget).get('password'));
    void run(async () => {
      await conversation.client.deleteAccount(password);
      await conversation.open(null);
    });
  };
  return (
    <Fold title={t.deleteAccount} testId="delete-account">
      <form onSubmit={submit} className="space-y-3">
        <p className="text-sm">{t.deleteAccountText}</p>
        <Field
          label={t.password}
          name="password"
          type="password"
          autoComplete="current-password"
          required
          data-testid="delete-account-password"
        />
        <Outcome error={error} />
        <Button type="submit" look="danger" disabled={isBusy} data-testid="delete-account-submit">
          {t.deleteAccount}
        </Button>
      </form>
    </Fold>
  );
}

function Fold({ title, testId, children }: { title: string; testId: string; children: ReactNode }): ReactNode {
  return (
    <details data-testid={testId} className="rounded-lg border border-border">
      <summary className="cursor-pointer rounded-lg px-3 py-2 text-sm hover:bg-accent focus-visible:outline-2 focus-visible:outline-ring">
        {title}
      </summary>
      <div className="border-t border-border p-3">{children}</div>
    </details>
  );
}
