'use client';

import { type ReactNode, createContext, useCallback, useContext, useSyncExternalStore } from 'react';

import type { Conversation } from '@/lib/chat/conversation';
import { EMPTY, type ChatState } from '@/lib/chat/state';

const Shared = createContext<Conversation | null>(null);

/** What pieces of the chat ask of the whole. */
interface Actions {
  openPanel: () => void;
  /** Put the focus where one writes, unless that brings up a keyboard. */
  focusBox: () => void;
}

const nothing = (): void => undefined;
const Whole = createContext<Actions>({ openPanel: nothing, focusBox: nothing });

export function ConversationProvider(props: { value: Conversation; children: ReactNode }): ReactNode {
  return <Shared value={props.value}>{props.children}</Shared>;
}

export function ActionsProvider(props: { value: Actions; children: ReactNode }): ReactNode {
  return <Whole value={props.value}>{props.children}</Whole>;
}

export function useActions(): Actions {
  return useContext(Whole);
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

/** Whether somebody is signed in, in this tab or another one. */
export function useIsSignedIn(): boolean {
  const { client } = useConversation();
  const subscribe = useCallback(
    (listener: () => void) => {
      const leave = client.onSignIn(listener);
      window.addEventListener('storage', listener);
      return () => {
        leave();
        window.removeEventListener('storage', listener);
      };
    },
    [client],
  );
  return useSyncExternalStore(subscribe, () => client.isSignedIn, () => false);
}
