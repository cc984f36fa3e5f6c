'use client';

import { type ReactNode, memo, useState } from 'react';

import type { ChatItem } from '@/lib/chat/item';
import { LOCALES, isLanguage } from '@/lib/i18n/language';
import { useText } from '@/lib/i18n/provider';
import { formatTime } from '@/lib/time';

import { Button } from '../ui/button';
import { Icon } from '../ui/icon';
import { AnswerActions } from './answer-actions';
import { AnswerText } from './answer-text';
import { Shield } from './brand';
import { useActions, useConversation } from './context';
import { ProblemNotice, useSecondsUntil } from './problem-notice';
import { Sources } from './sources';

interface AnswerProps {
  item: ChatItem;
  isLast: boolean;
  isBusy: boolean;
}

/** An answer: its text, where its facts stand, how far it can be trusted, and what can be done with it. */
export const Answer = memo(function Answer({ item, isLast, isBusy }: AnswerProps): ReactNode {
  const { t, locale } = useText();
  const [earlier, setEarlier] = useState<ChatItem | null>(null);
  const shown = earlier ?? item;
  const isWriting = item.status === 'writing';
  const lang = isLanguage(shown.language) ? LOCALES[shown.language] : undefined;
  return (
    <article
      aria-label={t.answerOf}
      aria-busy={isWriting}
      data-testid="answer"
      data-status={item.status}
      className="flex gap-3"
    >
      <Shield className="mt-0.5 hidden h-8 w-7 sm:block" />
      <div className="min-w-0 flex-1 space-y-2.5">
        {isWriting && item.content === '' ? (
          <Thinking />
        ) : (
          <div lang={lang} data-testid="answer-text">
            <AnswerText
              text={shown.content}
              unsupported={shown.unsupported}
              isGrowing={isWriting}
            />
          </div>
        )}
        {item.isRetrying && isWriting ? (
          <p role="status" data-testid="retrying" className="text-sm text-muted-foreground">
            {t.retrying}
          </p>
        ) : null}
        {isWriting || item.content === '' ? null : (
          <>
            <Remarks item={shown} />
            <Sources sources={shown.sources} />
            {item.problem || item.status === 'interrupted' ? <Failure item={item} isLast={isLast} /> : null}
            <AnswerActions item={item} text={shown.content} isLast={isLast} isBusy={isBusy} onShow={setEarlier}>
              <time dateTime={item.timestamp} className="ml-auto text-xs text-muted-foreground">
                {formatTime(item.timestamp, locale)}
              </time>
            </AnswerActions>
          </>
        )}
      </div>
    </article>
  );
});

function Thinking(): ReactNode {
  const { t } = useText();
  return (
    <p className="flex min-h-8 items-center gap-2 text-muted-foreground" data-testid="thinking">
      <span aria-hidden="true" className="thinking">
        <i />
        <i />
        <i />
      </span>
      {t.thinking}
    </p>
  );
}

function Remarks({ item }: { item: ChatItem }): ReactNode {
  const { t } = useText();
  return (
    <>
      {item.unsupported.length > 0 ? (
        <p data-testid="unsupported" className="flex items-start gap-2 rounded-lg bg-mark/25 px-3 py-2 text-sm">
          <Icon name="warn" className="mt-0.5 size-4" />
          <span className="min-w-0 wrap-anywhere">
            {t.unsupported} <strong>{item.unsupported.join(' · ')}</strong>
          </span>
        </p>
      ) : null}
      {item.answeredBy === 'knowledge' ? (
        <p data-testid="from-facts" className="flex items-center gap-1.5 text-sm text-muted-foreground">
          <Icon name="check" className="size-4" />
          {t.fromFacts}
        </p>
      ) : null}
      {item.status === 'stopped' ? (
        <p data-testid="stopped" className="text-sm text-muted-foreground">
          {t.stopped}
        </p>
      ) : null}
    </>
  );
}

function Failure({ item, isLast }: { item: ChatItem; isLast: boolean }): ReactNode {
  const { t } = useText();
  const conversation = useConversation();
  const { focusBox } = useActions();
  const seconds = useSecondsUntil(item.problem?.until);
  const retry = (): void => {
    void conversation.retry(item.key);
    focusBox();
  };
  return (
    <ProblemNotice problem={item.problem ?? { kind: 'cut_off' }}>
      {isLast ? (
        <Button
          look="primary"
          data-testid="try-again"
          disabled={seconds > 0}
          onClick={retry}
        >
          {t.tryAgain}
        </Button>
      ) : null}
    </ProblemNotice>
  );
}
