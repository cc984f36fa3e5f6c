'use client';

import { useEffect } from 'react';

import type { Conversation } from '@/lib/chat/conversation';

/** What comes from outside of the page: the network that is back, and other tabs. */
export function useOutside(conversation: Conversation): void {
  useEffect(() => {
    const resend = (): void => conversation.resendUnsent();
    window.addEventListener('online', resend);
    return () => window.removeEventListener('online', resend);
  }, [conversation]);
}
