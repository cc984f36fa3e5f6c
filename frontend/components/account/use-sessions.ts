'use client';

import { useCallback, useEffect, useRef, useState } from 'react';

import type { SessionRead } from '@/lib/api';
import { useText } from '@/lib/i18n/provider';
import { wordsOfError } from '@/lib/words-of-error';

import { useConversation } from '../chat/context';

const TYPING_PAUSE = 250;

interface Sessions {
  sessions: SessionRead[] | null;
  hasMore: boolean;
  error: string | null;
  readMore: () => void;
  change: (id: string, session: SessionRead | null) => void;
}

/** The conversations that `q` finds, read page by page; null until the first page is there. */
export function useSessions(q: string): Sessions {
  const { t } = useText();
  const { client } = useConversation();
  const [sessions, setSessions] = useState<SessionRead[] | null>(null);
  const [cursor, setCursor] = useState<string | null>(null);
  const [error, setError] = useState<string | null>(null);
  const latest = useRef(0);

  const read = useCallback(
    async (from: string | null, before: SessionRead[]): Promise<void> => {
      const mine = ++latest.current;
      try {
        let page = await client.listSessions({ q, cursor: from, limit: 20 });
        // A page of a search may be empty and yet not the last one.
        while (page.items.length === 0 && page.next_cursor !== null) {
          page = await client.listSessions({ q, cursor: page.next_cursor, limit: 20 });
        }
        if (mine !== latest.current) return;
        setSessions([...before, ...page.items]);
        setCursor(page.next_cursor);
        setError(null);
      } catch (reason) {
        if (mine === latest.current) setError(wordsOfError(reason, t));
      }
    },
    [client, q, t],
  );

  useEffect(() => {
    const timer = setTimeout(() => void read(null, []), q === '' ? 0 : TYPING_PAUSE);
    return () => clearTimeout(timer);
  }, [q, read]);

  const change = (id: string, session: SessionRead | null): void => {
    setSessions((all) => all?.flatMap((old) => (old.session_id !== id ? [old] : session ? [session] : [])) ?? null);
  };
  return { sessions, hasMore: cursor !== null, error, readMore: () => void read(cursor, sessions ?? []), change };
}
