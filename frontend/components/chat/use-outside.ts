'use client';

import { useEffect } from 'react';

import type { Conversation } from '@/lib/chat/conversation';
import { TOKENS_KEY } from '@/lib/client/tokens';

/** What comes from outside of the page: the network, a sign-out in another tab, the reader who is back. */
export function useOutside(conversation: Conversation): void {
  useEffect(() => {
    const catchUp = (): void => conversation.catchUp();
    const follow = (event: StorageEvent): void => {
      // Whoever signs out leaves nothing behind on the screen.
      if (event.key === TOKENS_KEY && event.newValue === null) void conversation.open(null);
    };
    const look = (): void => {
      if (!document.hidden) void conversation.lookAgain();
    };
    window.addEventListener('focus', look);
    document.addEventListener('visibilitychange', look);
    window.addEventListener('online', catchUp);
    window.addEventListener('storage', follow);
    return () => {
      window.removeEventListener('focus', look);
      document.removeEventListener('visibilitychange', look);
      window.removeEventListener('online', catchUp);
      window.removeEventListener('storage', follow);
    };
  }, [conversation]);
}
