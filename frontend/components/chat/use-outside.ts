'use client';

import { useEffect } from 'react';

import type { Conversation } from '@/lib/chat/conversation';
import { TOKENS_KEY } from '@/lib/client/tokens';

/** What comes from outside of the page: the network that is back, and a sign-out in another tab. */
export function useOutside(conversation: Conversation): void {
  useEffect(() => {
    const catchUp = (): void => conversation.catchUp();
    const follow = (event: StorageEvent): void => {
      // Whoever signs out leaves nothing behind on the screen.
      if (event.key === TOKENS_KEY && event.newValue === null) void conversation.open(null);
    };
    window.addEventListener('online', catchUp);
    window.addEventListener('storage', follow);
    return () => {
      window.removeEventListener('online', catchUp);
      window.removeEventListener('storage', follow);
    };
  }, [conversation]);
}
