'use client';

import { type FormEvent, type MouseEvent, type ReactNode, useRef, useState } from 'react';

import type { SessionRead } from '@/lib/api';
import { useText } from '@/lib/i18n/provider';
import { formatTime } from '@/lib/time';

import { useChatState, useConversation } from '../chat/context';
import { Button, IconButton } from '../ui/button';
import { Field, Outcome } from '../ui/field';
import { useAction } from './use-action';

interface SessionLineProps {
  session: SessionRead;
  onOpen: (id: string) => void;
  onChange: (id: string, session: SessionRead | null) => void;
}

/** A conversation in the list: opened, renamed, deleted. */
export function SessionLine({ session, onOpen, onChange }: SessionLineProps): ReactNode {
  const { t, locale } = useText();
  const conversation = useConversation();
  const { sessionId } = useChatState();
  const [doing, setDoing] = useState<'nothing' | 'renaming' | 'deleting'>('nothing');
  const asked = useRef<HTMLButtonElement>(null);
  const { isBusy, error, run } = useAction();
  const id = session.session_id;
  const begin = (event: MouseEvent<HTMLButtonElement>, what: typeof doing): void => {
    asked.current = event.currentTarget;
    setDoing(what);
  };
  const end = (): void => {
    asked.current?.focus(); // what is being done goes, and the focus was in it
    setDoing('nothing');
  };
  const rename = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const title = String(new FormData(event.currentTarget).get('title') ?? '');
    void run(async () => onChange(id, await conversation.client.renameSession(id, title))).then(
      (isDone) => isDone && end(),
    );
  };
  const remove = (): void => {
    void run(async () => {
      if (id === sessionId) await conversation.reset();
      else await conversation.client.resetSession(id);
      onChange(id, null);
    });
  };
  return (
    <li data-testid="session" className="rounded-lg px-2 py-1 hover:bg-accent">
      <div className="flex items-center gap-1">
        <button
          type="button"
          aria-current={id === sessionId ? 'true' : undefined}
          onClick={() => onOpen(id)}
          data-testid="session-open"
          className="min-w-0 flex-1 cursor-pointer rounded py-1 text-left focus-visible:outline-2 focus-visible:outline-ring aria-[current]:font-semibold"
        >
          <span className="block truncate text-sm" dir="auto">
            {session.title}
          </span>
          <time dateTime={session.updated_at} className="block text-xs font-normal text-muted-foreground">
            {formatTime(session.updated_at, locale)}
          </time>
        </button>
        <IconButton
          icon="pencil"
          size="small"
          label={t.rename}
          onClick={(event) => begin(event, 'renaming')}
          data-testid="session-rename"
        />
        <IconButton
          icon="bin"
          size="small"
          label={t.remove}
          onClick={(event) => begin(event, 'deleting')}
          data-testid="session-delete"
        />
      </div>
      {doing === 'renaming' ? (
        <form onSubmit={rename} className="space-y-2 py-2">
          <Field label={t.newTitle} name="title" defaultValue={session.title} maxLength={200} required autoFocus data-testid="session-title" />
          <Choice yes={t.save} testId="session-save" isBusy={isBusy} onNo={end} />
        </form>
      ) : null}
      {doing === 'deleting' ? (
        <div className="space-y-2 py-2">
          <p className="text-sm">{t.eraseText}</p>
          <Choice yes={t.erase} testId="session-erase" isBusy={isBusy} onYes={remove} onNo={end} />
        </div>
      ) : null}
      <Outcome error={error} />
    </li>
  );
}

interface ChoiceProps {
  yes: string;
  testId: string;
  isBusy: boolean;
  /** Left out where the form around takes it. */
  onYes?: () => void;
  onNo: () => void;
}

function Choice({ yes, testId, isBusy, onYes, onNo }: ChoiceProps): ReactNode {
  const { t } = useText();
  return (
    <div className="flex gap-2">
      <Button
        type={onYes ? 'button' : 'submit'}
        look={onYes ? 'danger' : 'primary'}
        disabled={isBusy}
        onClick={onYes}
        data-testid={testId}
      >
        {yes}
      </Button>
      <Button onClick={onNo}>{t.cancel}</Button>
    </div>
  );
}
