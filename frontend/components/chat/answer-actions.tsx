'use client';

import { type ReactNode, useState } from 'react';

import type { ChatItem } from '@/lib/chat/item';
import { copyText } from '@/lib/copy';
import { useText } from '@/lib/i18n/provider';

import { IconButton } from '../ui/button';
import { useActions, useConversation } from './context';
import { Feedback } from './feedback';
import { Versions } from './versions';

interface AnswerActionsProps {
  item: ChatItem;
  /** What is shown: an earlier version's, perhaps. */
  text: string;
  isLast: boolean;
  isBusy: boolean;
  onShow: (version: ChatItem | null) => void;
  children: ReactNode;
}

/** What can be done with an answer that is there. */
export function AnswerActions(props: AnswerActionsProps): ReactNode {
  const { item, text, isLast, isBusy, onShow, children } = props;
  const { t } = useText();
  const conversation = useConversation();
  const { focusBox } = useActions();
  const { sessionId } = conversation.getState();
  const regenerate = (): void => {
    if (isBusy) return;
    void conversation.regenerate();
    focusBox(); // this button goes with the answer
  };
  return (
    <div className="-ml-2 flex flex-wrap items-center gap-0.5 print:hidden" role="group" aria-label={t.answerOf}>
      <CopyButton text={text} />
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
          {isLast && item.mayHaveVersions ? (
              <Versions key={item.id} sessionId={sessionId} answerId={item.id} onShow={onShow} />
            ) : null}
        </>
      ) : null}
      {children}
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
