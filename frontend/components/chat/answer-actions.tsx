'use client';

import { type ReactNode, useState } from 'react';

import type { ChatMessage } from '@/lib/api';
import type { ChatItem } from '@/lib/chat/item';
import { copyText } from '@/lib/copy';
import { useText } from '@/lib/i18n/provider';

import { IconButton } from '../ui/button';
import { useConversation } from './context';
import { Feedback } from './feedback';
import { Versions } from './versions';

interface AnswerActionsProps {
  item: ChatItem;
  isLast: boolean;
  isBusy: boolean;
  onShow: (version: ChatMessage | null) => void;
  children: ReactNode;
}

/** What can be done with an answer that is there. */
export function AnswerActions({ item, isLast, isBusy, onShow, children }: AnswerActionsProps): ReactNode {
  const { t } = useText();
  const conversation = useConversation();
  const { sessionId } = conversation.getState();
  const regenerate = (): void => {
    if (!isBusy) void conversation.regenerate();
  };
  return (
    <div className="space-y-2">
      <div className="-ml-2 flex flex-wrap items-center gap-0.5" role="group" aria-label={t.answerOf}>
        <CopyButton text={item.content} />
        {isLast ? (
          <IconButton
            icon="again"
            size="small"
            label={t.regenerate}
            data-testid="regenerate"
            aria-disabled={isBusy}
            onClick={regenerate}
          />
        ) : null}
        {item.id !== null && sessionId !== null ? (
          <>
            <Feedback item={item} />
            {isLast ? <Versions key={item.id} sessionId={sessionId} answerId={item.id} onShow={onShow} /> : null}
          </>
        ) : null}
        {children}
      </div>
    </div>
  );
}

function CopyButton({ text }: { text: string }): ReactNode {
  const { t } = useText();
  const [said, setSaid] = useState<string | null>(null);
  const copy = async (): Promise<void> => {
    setSaid((await copyText(text)) ? t.copied : t.copyFailed);
    setTimeout(() => setSaid(null), 2_000);
  };
  return (
    <>
      <IconButton
        icon={said === t.copied ? 'check' : 'copy'}
        size="small"
        label={t.copy}
        data-testid="copy"
        onClick={() => void copy()}
      />
      <span role="status" className="text-xs text-muted-foreground" data-testid="copy-status">
        {said}
      </span>
    </>
  );
}
