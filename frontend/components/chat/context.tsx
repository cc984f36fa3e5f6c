'use client';

import { type ReactNode, createContext, useContext, useSyncExternalStore } from 'react';

import type { Conversation } from '@/lib/chat/conversation';
import { EMPTY, type ChatState } from '@/lib/chat/state';

const Shared = createContext<Conversation | null>(null);

export function ConversationProvider(props: { value: Conversation; children: ReactNode }): ReactNode {
  return <Shared value={props.value}>{props.children}</Shared>;
}

export function useConversation(): Conversation {
  const conversation = useContext(Shared);
  if (conversation === null) throw new Error('useConversation needs a Chatbot around it');
  return conversation;
}

/** What there is to see of the conversation, as it changes. */
export function useChatState(): ChatState {
  const conversation = useConversation();
  return useSyncExternalStore(conversation.subscribe, conversation.getState, () => EMPTY);
}
