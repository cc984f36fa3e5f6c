'use client';

import { type FormEvent, type ReactNode, useId, useRef, useState } from 'react';

import type { ChatItem } from '@/lib/chat/item';
import { useText } from '@/lib/i18n/provider';

import { Button, IconButton } from '../ui/button';
import { FIELD } from '../ui/field';
import { useConversation } from './context';

type Step = 'closed' | 'comment' | 'done';

/** Thumbs, and room for a sentence about it. */
export function Feedback({ item }: { item: ChatItem }): ReactNode {
  const { t } = useText();
  const conversation = useConversation();
  const [step, setStep] = useState<Step>('closed');
  const [hasFailed, setHasFailed] = useState(false);
  const pressed = useRef<HTMLButtonElement>(null);
  const save = async (rating: ChatItem['feedback'], comment?: string): Promise<boolean> => {
    const isSaved = await conversation.rate(item.key, rating, comment).then(() => true, () => false);
    setHasFailed(!isSaved);
    return isSaved;
  };
  const rate = async (rating: 'up' | 'down'): Promise<void> => {
    const next = item.feedback === rating ? null : rating;
    if (await save(next)) setStep(next === null ? 'closed' : 'comment');
  };
  const leave = (next: Step): void => {
    pressed.current?.focus(); // the form goes, and the focus was in it
    setStep(next);
  };
  const comment = async (text: string): Promise<void> => {
    if (await save(item.feedback, text)) leave('done');
  };
  return (
    <>
      {(['up', 'down'] as const).map((rating) => (
        <IconButton
          key={rating}
          ref={item.feedback === rating ? pressed : undefined}
          icon={rating}
          size="small"
          label={rating === 'up' ? t.helpful : t.notHelpful}
          aria-pressed={item.feedback === rating}
          data-testid={`thumb-${rating}`}
          className="aria-pressed:bg-accent aria-pressed:text-accent-foreground aria-pressed:*:fill-current"
          onClick={() => void rate(rating)}
        />
      ))}
      {step === 'comment' && item.feedback !== null ? (
        <CommentForm onSend={comment} onSkip={() => leave('closed')} />
      ) : null}
      <span role="status" data-testid="feedback-status" className="text-xs text-muted-foreground">
        {hasFailed ? t.notSaved : step === 'done' ? t.commentSent : null}
      </span>
    </>
  );
}

interface CommentFormProps {
  onSend: (text: string) => Promise<void>;
  onSkip: () => void;
}

function CommentForm({ onSend, onSkip }: CommentFormProps): ReactNode {
  const { t } = useText();
  const id = useId();
  const [text, setText] = useState('');
  const send = (event: FormEvent): void => {
    event.preventDefault();
    if (text.trim() === '') onSkip();
    else void onSend(text);
  };
  return (
    <form onSubmit={send} data-testid="comment-form" className="order-last w-full py-1 pl-2">
      <div className="max-w-lg space-y-2 rounded-xl border border-border bg-card p-3">
        <label htmlFor={id} className="block text-sm">
          {t.thanks} {t.commentLabel}
        </label>
        <textarea
          id={id}
          rows={2}
          maxLength={1000}
          value={text}
          data-testid="comment-box"
          onChange={(event) => setText(event.target.value)}
          className={`${FIELD} w-full resize-y`}
        />
        <div className="flex flex-wrap gap-2">
          <Button type="submit" look="primary" data-testid="comment-send">
            {t.sendComment}
          </Button>
          <Button look="quiet" onClick={onSkip} data-testid="comment-skip">
            {t.skip}
          </Button>
        </div>
      </div>
    </form>
  );
}
