'use client';

import { type FormEvent, type ReactNode, useState } from 'react';

import type { ApiClient } from '@/lib/api-client';
import { useText } from '@/lib/i18n/provider';

import { useChatState, useConversation } from '../chat/context';
import { Button } from '../ui/button';
import { Field, Outcome } from '../ui/field';
import { Section } from './section';
import { useAction } from './use-action';

type Kind = 'sign-in' | 'register' | 'forgot';

/** Signing in, making an account, and asking for a new password. */
export function SignInView({ onDone }: { onDone: () => void }): ReactNode {
  const { t } = useText();
  const [kind, setKind] = useState<Kind>('sign-in');
  const [isChosen, setIsChosen] = useState(false);
  const choose = (next: Kind): void => {
    setKind(next);
    setIsChosen(true);
  };
  const title = { 'sign-in': t.signIn, register: t.register, forgot: t.forgot }[kind];
  return (
    <Section title={title}>
      <p className="text-sm text-muted-foreground">{t.noAccountNeeded}</p>
      {kind === 'forgot' ? (
        <ForgotForm />
      ) : (
        <SignInForm key={kind} kind={kind} takesFocus={isChosen} onDone={onDone} />
      )}
      <div className="flex flex-col items-start gap-1">
        {kind === 'sign-in' ? (
          <>
            <TextButton onClick={() => choose('register')} testId="to-register">
              {t.toRegister}
            </TextButton>
            <TextButton onClick={() => choose('forgot')} testId="to-forgot">
              {t.forgot}
            </TextButton>
          </>
        ) : (
          <TextButton onClick={() => choose('sign-in')} testId="to-sign-in">
            {t.toSignIn}
          </TextButton>
        )}
      </div>
    </Section>
  );
}

interface SignInFormProps {
  kind: 'sign-in' | 'register';
  /** Whether it was asked for: what was pressed then has gone with the focus. */
  takesFocus: boolean;
  onDone: () => void;
}

function SignInForm({ kind, takesFocus, onDone }: SignInFormProps): ReactNode {
  const { t } = useText();
  const { client } = useConversation();
  const { sessionId, items } = useChatState();
  const { isBusy, error, run } = useAction();
  const isNew = kind === 'register';
  const canKeep = sessionId !== null && items.length > 0;
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    void run(async () => {
      await enter(client, form, isNew);
      if (canKeep && form.has('keep')) await client.claimSession(sessionId).catch(() => undefined);
    }).then((isDone) => isDone && onDone());
  };
  return (
    <form onSubmit={submit} className="space-y-3" data-testid={`${kind}-form`}>
      <EmailField autoFocus={takesFocus} />
      <Field
        label={t.password}
        name="password"
        type="password"
        autoComplete={isNew ? 'new-password' : 'current-password'}
        hint={isNew ? t.passwordHint : undefined}
        required
        data-testid="password"
      />
      {isNew ? <Field label={t.fullName} name="name" autoComplete="name" maxLength={200} data-testid="full-name" /> : null}
      {canKeep ? (
        <label className="flex items-start gap-2 text-sm">
          <input type="checkbox" name="keep" defaultChecked data-testid="keep" className="mt-1 size-4 accent-primary" />
          {t.keepConversation}
        </label>
      ) : null}
      <Outcome error={error} />
      <Button type="submit" look="primary" className="w-full" disabled={isBusy} data-testid="submit">
        {isNew ? t.register : t.signIn}
      </Button>
    </form>
  );
}

function EmailField({ autoFocus }: { autoFocus: boolean }): ReactNode {
  const { t } = useText();
  return (
    <Field label={t.email} name="email" type="email" autoComplete="email" required autoFocus={autoFocus} data-testid="email" />
  );
}

function ForgotForm(): ReactNode {
  const { t } = useText();
  const { client } = useConversation();
  const { isBusy, error, run } = useAction();
  const [isSent, setIsSent] = useState(false);
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const email = textOf(new FormData(event.currentTarget), 'email');
    void run(() => client.requestPasswordReset(email)).then(setIsSent);
  };
  return (
    <form onSubmit={submit} className="space-y-3" data-testid="forgot-form">
      <EmailField autoFocus />
      <Outcome error={error} done={isSent && t.linkSent} />
      <Button type="submit" look="primary" className="w-full" disabled={isBusy} data-testid="submit">
        {t.sendLink}
      </Button>
    </form>
  );
}

async function enter(client: ApiClient, form: FormData, isNew: boolean): Promise<void> {
  const [email, password] = [textOf(form, 'email'), textOf(form, 'password')];
  if (isNew) await client.register(email, password, textOf(form, 'name').trim());
  await client.signIn(email, password);
}

function textOf(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === 'string' ? value : '';
}

function TextButton(props: { onClick: () => void; testId: string; children: ReactNode }): ReactNode {
  return (
    <button
      type="button"
      onClick={props.onClick}
      data-testid={props.testId}
      className="min-h-8 cursor-pointer rounded text-left text-sm underline decoration-primary/60 underline-offset-3 hover:decoration-primary focus-visible:outline-2 focus-visible:outline-ring"
    >
      {props.children}
    </button>
  );
}
