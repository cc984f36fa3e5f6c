'use client';

import { type ReactNode, memo } from 'react';

import type { ChatItem } from '@/lib/chat/item';
import { useText } from '@/lib/i18n/provider';
import { formatTime } from '@/lib/time';

import { Button } from '../ui/button';
import { useActions, useConversation } from './context';
import { ProblemNotice, useSecondsUntil } from './problem-notice';

interface QuestionProps {
  item: ChatItem;
  canRetry: boolean;
  onEdit: (text: string) => void;
}

/** A question as it was typed; with what went wrong when it got no answer. */
export const Question = memo(function Question({ item, canRetry, onEdit }: QuestionProps): ReactNode {
  const { t, locale } = useText();
  return (
    <article aria-label={t.you} data-testid="question" data-status={item.status} className="flex flex-col items-end gap-2">
      <div
        dir="auto"
        className="max-w-[min(85%,36rem)] rounded-2xl rounded-br-md bg-secondary px-4 py-2.5 whitespace-pre-wrap text-secondary-foreground wrap-anywhere"
      >
        {item.content}
      </div>
      {canRetry && UNANSWERED.has(item.status) ? (
        <Failure item={item} onEdit={onEdit} />
      ) : (
        <time dateTime={item.timestamp} className="-mt-1 px-1 text-xs text-muted-foreground">
          {formatTime(item.timestamp, locale)}
        </time>
      )}
    </article>
  );
});

const UNANSWERED: ReadonlySet<ChatItem['status']> = new Set(['failed', 'interrupted', 'stopped']);

function Failure({ item, onEdit }: Omit<QuestionProps, 'canRetry'>): ReactNode {
  const { t } = useText();
  const conversation = useConversation();
  const { openPanel, focusBox } = useActions();
  const seconds = useSecondsUntil(item.problem?.until);
  const retry = (): void => {
    void conversation.retry(item.key);
    focusBox();
  };
  return (
    <div className="w-full max-w-[36rem]">
      <ProblemNotice problem={item.problem ?? { kind: item.status === 'stopped' ? 'stopped' : 'cut_off' }}>
        {item.status === 'failed' ? (
          <Button data-testid="edit-question" onClick={() => onEdit(conversation.takeBack(item.key))}>
            {t.edit}
          </Button>
        ) : null}
        {item.problem?.kind === 'signed_out' ? (
          <Button data-testid="sign-in-again" onClick={openPanel}>
            {t.signIn}
          </Button>
        ) : null}
        <Button
          look="primary"
          data-testid="send-again"
          disabled={seconds > 0}
          onClick={retry}
        >
          {t.sendAgain}
        </Button>
      </ProblemNotice>
    </div>
  );
}
