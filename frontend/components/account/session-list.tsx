'use client';

import { type ReactNode, useRef, useState } from 'react';

import { useText } from '@/lib/i18n/provider';

import { useConversation } from '../chat/context';
import { Button } from '../ui/button';
import { Field, Outcome } from '../ui/field';
import { Section } from './section';
import { SessionLine } from './session-line';
import { useSessions } from './use-sessions';

/** One's own conversations, the last one first; searched in titles and questions. */
export function SessionList({ onOpen }: { onOpen: () => void }): ReactNode {
  const { t } = useText();
  const conversation = useConversation();
  const [q, setQ] = useState('');
  const { sessions, hasMore, error, readMore, change } = useSessions(q.trim());
  const list = useRef<HTMLUListElement>(null);
  const replace: typeof change = (id, session) => {
    if (session === null) list.current?.focus(); // the line that had it goes
    change(id, session);
  };
  const open = (id: string): void => {
    void conversation.open(id);
    onOpen();
  };
  return (
    <Section title={t.conversations}>
      <Field
        label={t.search}
        type="search"
        value={q}
        maxLength={200}
        onChange={(event) => setQ(event.target.value)}
        data-testid="search"
      />
      <Outcome error={error} />
      {sessions === null && !error ? <p className="text-sm text-muted-foreground">{t.loading}</p> : null}
      {sessions?.length === 0 ? (
        <p role="status" data-testid="no-sessions" className="text-sm text-muted-foreground">
          {q.trim() === '' ? t.noConversations : t.nothingFound}
        </p>
      ) : null}
      <ul ref={list} tabIndex={-1} className="-mx-2 space-y-0.5 outline-none" data-testid="sessions">
        {sessions?.map((session) => (
          <SessionLine key={session.session_id} session={session} onOpen={open} onChange={replace} />
        ))}
      </ul>
      {hasMore ? (
        <Button className="w-full" onClick={readMore} data-testid="more-sessions">
          {t.more}
        </Button>
      ) : null}
    </Section>
  );
}
