'use client';

import { type ReactNode, useLayoutEffect, useRef, useState } from 'react';

import type { ChatState } from '@/lib/chat/state';
import { ScrollKeeper } from '@/lib/chat/scroll-keeper';
import { useText } from '@/lib/i18n/provider';

import { Button } from '../ui/button';
import { Icon } from '../ui/icon';
import { Answer } from './answer';
import { useChatState, useConversation } from './context';
import { EmptyState } from './empty-state';
import { ProblemNotice } from './problem-notice';
import { Question } from './question';
import { Suggestions } from './suggestions';

interface MessageListProps {
  onAsk: (question: string) => void;
  onEdit: (text: string) => void;
}

/** The conversation; follows its end while the reader is there, reads on when he scrolls up. */
export function MessageList({ onAsk, onEdit }: MessageListProps): ReactNode {
  const { t } = useText();
  const conversation = useConversation();
  const { items, phase } = useChatState();
  const [isAtEnd, setIsAtEnd] = useState(true);
  const [keeper] = useState(() => {
    const readOn = (): void => void conversation.loadEarlier().catch(() => undefined); // a button stays
    return new ScrollKeeper(setIsAtEnd, readOn);
  });
  const box = useRef<HTMLElement>(null);
  useLayoutEffect(() => keeper.attach(box.current), [keeper]);
  useLayoutEffect(() => keeper.show(items), [keeper, items]);
  const last = items.at(-1);
  return (
    <div className="relative min-h-0 flex-1">
      <section
        ref={box}
        onScroll={keeper.onScroll}
        tabIndex={0}
        aria-label={t.conversation}
        data-testid="messages"
        className="h-full overflow-y-auto overscroll-contain print:h-auto print:overflow-visible [overflow-anchor:none] focus-visible:outline-2 focus-visible:-outline-offset-2 focus-visible:outline-ring"
      >
        <div className="mx-auto flex min-h-full print:min-h-0 w-full max-w-3xl flex-col gap-6 px-4 py-6">
          <Beginning onAsk={onAsk} />
          <Messages onEdit={onEdit} />
          {phase === 'ready' && last?.role === 'assistant' ? (
            <Suggestions questions={last.suggestions} onAsk={onAsk} />
          ) : null}
        </div>
      </section>
      {isAtEnd ? null : (
        <button
          type="button"
          onClick={keeper.toEnd}
          aria-label={t.toLatest}
          title={t.toLatest}
          data-testid="to-latest"
          className="absolute print:hidden bottom-3 left-1/2 grid size-10 -translate-x-1/2 cursor-pointer place-items-center rounded-full border border-border bg-card shadow-md hover:bg-accent focus-visible:outline-2 focus-visible:outline-ring"
        >
          <Icon name="arrowDown" />
        </button>
      )}
    </div>
  );
}

function Messages({ onEdit }: Pick<MessageListProps, 'onEdit'>): ReactNode {
  const { items, phase } = useChatState();
  const isBusy = phase !== 'ready';
  return items.map((item, index) => {
    const isLast = index === items.length - 1;
    const canRetry = !isBusy && (item.status === 'failed' || isLast);
    return item.role === 'user' ? (
      <Question key={item.key} item={item} canRetry={canRetry} onEdit={onEdit} />
    ) : (
      <Answer key={item.key} item={item} isLast={isLast} isBusy={isBusy} />
    );
  });
}

/** What stands above the first message, or instead of messages. */
function Beginning({ onAsk }: Pick<MessageListProps, 'onAsk'>): ReactNode {
  const { t } = useText();
  const conversation = useConversation();
  const state = useChatState();
  if (state.problem) {
    return (
      <ProblemNotice problem={state.problem}>
        <Button look="primary" data-testid="load-again" onClick={() => void conversation.open(state.sessionId)}>
          {t.tryAgain}
        </Button>
      </ProblemNotice>
    );
  }
  if (state.hasEarlier) return <EarlierButton state={state} />;
  if (state.items.length > 0) return null;
  if (state.phase === 'ready') return <EmptyState onAsk={onAsk} />;
  return state.sessionId === null ? null : <p className="m-auto text-muted-foreground">{t.loading}</p>;
}

function EarlierButton({ state }: { state: ChatState }): ReactNode {
  const { t } = useText();
  const conversation = useConversation();
  return (
    <Button
      look="quiet"
      className="self-center"
      data-testid="load-earlier"
      aria-disabled={state.isLoadingEarlier}
      onClick={() => void conversation.loadEarlier().catch(() => undefined)}
    >
      {state.isLoadingEarlier ? t.loadingEarlier : t.loadEarlier}
    </Button>
  );
}
