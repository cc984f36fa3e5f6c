'use client';

import { type ReactNode, useEffect, useState } from 'react';

import type { UserRead } from '@/lib/api';
import { download, today } from '@/lib/download';
import { useText } from '@/lib/i18n/provider';

import { useConversation } from '../chat/context';
import { Button } from '../ui/button';
import { Outcome } from '../ui/field';
import { DeleteAccountForm, PasswordForm } from './account-forms';
import { Section } from './section';
import { useAction } from './use-action';

/** One's own account: what is stored, a new password, the way out. */
export function AccountView(): ReactNode {
  const { t } = useText();
  const conversation = useConversation();
  const { client } = conversation;
  const { isBusy, error, run } = useAction();
  const [user, setUser] = useState<UserRead | null>(null);
  useEffect(() => {
    client.getAccount().then(setUser, () => undefined); // the rest works without a name
  }, [client]);
  const save = (): void => {
    void run(async () => download(await client.exportAccount(), `au-guru-account-${today()}.json`));
  };
  const signOut = (): void => {
    // Signed out is signed out, whether the service could be told or not.
    void run(() => client.signOut().catch(() => undefined).then(() => conversation.open(null)));
  };
  return (
    <Section title={t.account}>
      {user ? (
        <p className="text-sm wrap-anywhere" data-testid="signed-in-as">
          {t.signedInAs(user.email)}
        </p>
      ) : null}
      {user?.email_confirmed_at === null ? <ConfirmAgain /> : null}
      <div className="flex flex-wrap gap-2">
        <Button disabled={isBusy} onClick={signOut} data-testid="sign-out">
          {t.signOut}
        </Button>
        <Button disabled={isBusy} onClick={save} data-testid="export-account">
          {t.exportAccount}
        </Button>
      </div>
      <Outcome error={error} />
      <PasswordForm />
      <DeleteAccountForm />
    </Section>
  );
}

function ConfirmAgain(): ReactNode {
  const { t } = useText();
  const { client } = useConversation();
  const { isBusy, error, run } = useAction();
  const [isSent, setIsSent] = useState(false);
  return (
    <div className="space-y-2 rounded-lg bg-muted p-3 text-sm">
      <p>{t.notConfirmed}</p>
      <Button
        disabled={isBusy || isSent}
        onClick={() => void run(() => client.requestConfirmation()).then(setIsSent)}
        data-testid="confirm-again"
      >
        {t.confirmAgain}
      </Button>
      <Outcome error={error} done={isSent && t.confirmSent} />
    </div>
  );
}
