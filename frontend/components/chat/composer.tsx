'use client';

import { type FormEvent, type KeyboardEvent, type ReactNode, type RefObject, useId } from 'react';

import { useText } from '@/lib/i18n/provider';

import { Icon } from '../ui/icon';
import { useChatState, useConversation } from './context';

/** What the service takes, in characters as it counts them. */
const LONGEST = 4_000;

interface ComposerProps {
  box: RefObject<HTMLTextAreaElement | null>;
  text: string;
  onText: (text: string) => void;
  onSend: (text: string) => void;
}

/** Where one writes. Enter sends and Shift+Enter breaks the line; Enter that ends a composition does neither. */
export function Composer({ box, text, onText, onSend }: ComposerProps): ReactNode {
  const { t } = useText();
  const id = useId();
  const conversation = useConversation();
  const { phase } = useChatState();
  const isAnswering = phase === 'waiting' || phase === 'writing' || phase === 'stopping';
  const over = Array.from(text.trim()).length - LONGEST;
  const canSend = phase === 'ready' && text.trim() !== '' && over <= 0;

  const submit = (event?: FormEvent): void => {
    event?.preventDefault();
    if (isAnswering) void conversation.stop();
    else if (canSend) onSend(text);
    box.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' || event.shiftKey || isComposing(event)) return;
    event.preventDefault();
    if (canSend) onSend(text);
  };

  return (
    <form onSubmit={submit} className="mx-auto w-full max-w-3xl px-4 print:hidden pb-[max(0.75rem,env(safe-area-inset-bottom))]">
      <div className="flex items-end gap-2 rounded-2xl border border-input bg-card p-2 shadow-sm transition-shadow focus-within:border-ring focus-within:ring-3 focus-within:ring-ring/25">
        <label htmlFor={id} className="sr-only">
          {t.question}
        </label>
        <textarea
          ref={box}
          id={id}
          rows={1}
          dir="auto"
          value={text}
          placeholder={t.placeholder}
          enterKeyHint="send"
          autoComplete="off"
          data-testid="composer"
          aria-describedby={over > 0 ? `${id}-over` : undefined}
          aria-invalid={over > 0}
          onChange={(event) => onText(event.target.value)}
          onKeyDown={onKeyDown}
          className="composer-box min-h-10 flex-1 resize-none bg-transparent px-2 py-2 outline-none placeholder:text-muted-foreground"
        />
        <button
          type="submit"
          data-testid={isAnswering ? 'stop' : 'send'}
          aria-label={isAnswering ? t.stop : t.send}
          title={isAnswering ? t.stop : t.send}
          aria-disabled={isAnswering ? phase === 'stopping' : !canSend}
          className="grid size-10 shrink-0 cursor-pointer place-items-center rounded-xl bg-primary text-primary-foreground transition-colors hover:bg-primary/90 focus-visible:outline-2 focus-visible:outline-offset-2 focus-visible:outline-ring aria-disabled:cursor-default aria-disabled:bg-muted aria-disabled:text-muted-foreground"
        >
          {isAnswering ? <Icon name="stop" className="size-5 fill-current" /> : <Icon name="send" />}
        </button>
      </div>
      {over > 0 ? (
        <p id={`${id}-over`} role="alert" data-testid="too-long" className="mt-1.5 text-center text-xs text-destructive">
          {t.tooLong(over)}
        </p>
      ) : (
        <p className="mt-1.5 text-center text-xs text-balance text-muted-foreground [@media(max-height:24rem)]:sr-only">{t.hint}</p>
      )}
    </form>
  );
}

/** Safari ends a composition before it tells of the key; the old key code still says that it belongs to it. */
function isComposing(event: KeyboardEvent): boolean {
  return event.nativeEvent.isComposing || event.keyCode === 229;
}
