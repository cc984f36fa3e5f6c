'use client';

import { type ReactNode, Suspense, useCallback, useEffect, useMemo, useRef, useState } from 'react';

import { ApiClient } from '@/lib/api-client';
import { Conversation } from '@/lib/chat/conversation';
import { ChatMemory } from '@/lib/chat/memory';
import { browserStore } from '@/lib/client/storage';
import type { Language } from '@/lib/i18n/language';
import { LanguageProvider } from '@/lib/i18n/provider';

import { Composer } from './chat/composer';
import { ActionsProvider, ConversationProvider, useChatState, useConversation } from './chat/context';
import { Header } from './chat/header';
import { EraseDialog, SidePanel, usePreloaded } from './chat/later';
import { LiveRegion } from './chat/live-region';
import { MessageList } from './chat/message-list';
import { Skeleton } from './chat/skeleton';
import { useOutside } from './chat/use-outside';
import './chat/chat.css';


interface ChatbotProps {
  /** Where the service is, with or without `/api/v1`; found out when left out. */
  apiUrl?: string;
  /** One language for everybody; else the browser's, and the reader may choose. */
  language?: Language;
  /** In a small frame on another page. */
  isEmbedded?: boolean;
}

/** The assistant of the university, whole: fills the box that it is put into. */
export function Chatbot({ apiUrl, language, isEmbedded = false }: ChatbotProps): ReactNode {
  return (
    <LanguageProvider forced={language} fallback={<Skeleton />}>
      <Opened apiUrl={apiUrl} isEmbedded={isEmbedded} />
    </LanguageProvider>
  );
}

function Opened({ apiUrl, isEmbedded }: { apiUrl: string | undefined; isEmbedded: boolean }): ReactNode {
  const [conversation] = useState(() => openConversation(apiUrl));
  useEffect(() => {
    void conversation.begin();
    return () => void conversation.leave();
  }, [conversation]);
  return (
    <ConversationProvider value={conversation}>
      <Chat isEmbedded={isEmbedded} />
    </ConversationProvider>
  );
}

function openConversation(apiUrl: string | undefined): Conversation {
  const lasting = browserStore('localStorage');
  return new Conversation(
    new ApiClient(apiUrl, { store: lasting }),
    new ChatMemory(lasting, browserStore('sessionStorage')),
  );
}

function Chat({ isEmbedded }: { isEmbedded: boolean }): ReactNode {
  const conversation = useConversation();
  const { phase, items } = useChatState();
  const [text, setText] = useState('');
  const [opened, setOpened] = useState<'panel' | 'erase' | null>(null);
  const box = useRef<HTMLTextAreaElement>(null);
  useOutside(conversation);
  usePreloaded();

  const actions = useMemo(
    () => ({ openPanel: () => setOpened('panel'), focusBox: () => focusUnlessTouch(box.current) }),
    [],
  );
  const ask = useCallback(
    (question: string) => {
      if (conversation.isBusy) return;
      setText((draft) => (draft.trim() === question.trim() ? '' : draft));
      void conversation.send(question);
      focusUnlessTouch(box.current);
    },
    [conversation],
  );
  const edit = useCallback((question: string) => {
    setText(question);
    box.current?.focus();
  }, []);
  const startNew = (): void => {
    // Without an account there is no way back to it: it is erased, not left lying about.
    if (!conversation.client.isSignedIn) return setOpened('erase');
    void conversation.open(null);
    box.current?.focus();
  };
  return (
    <div className="flex h-full min-h-0 flex-col print:block print:h-auto bg-background text-foreground" data-testid="chatbot" data-phase={phase}>
      <Header
        isEmbedded={isEmbedded}
        canStartNew={items.length > 0 && phase !== 'loading'}
        onMenu={actions.openPanel}
        onNew={startNew}
      />
      <main className="flex min-h-0 flex-1 flex-col print:block">
        <ActionsProvider value={actions}>
          <MessageList onAsk={ask} onEdit={edit} />
        </ActionsProvider>
        <Composer box={box} text={text} onText={setText} onSend={ask} />
      </main>
      <LiveRegion />
      <Suspense fallback={null}>
        {opened === 'panel' ? (
          <SidePanel onClose={() => setOpened(null)} onErase={() => setOpened('erase')} />
        ) : null}
        {opened === 'erase' ? <EraseDialog onClose={() => setOpened(null)} /> : null}
      </Suspense>
    </div>
  );
}

/** On a phone the focus would bring up the keyboard over the answer. */
function focusUnlessTouch(element: HTMLElement | null): void {
  if (window.matchMedia('(pointer: fine)').matches) element?.focus();
}
