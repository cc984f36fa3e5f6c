'use client';

import { type ReactNode, useEffect, useRef, useState } from 'react';

import type { ChatState } from '@/lib/chat/state';
import type { Dictionary } from '@/lib/i18n/language';
import { useText } from '@/lib/i18n/provider';

import { useChatState } from './context';
import { secondsUntil, wordsOf } from './problem-notice';

/** Tells a screen reader that an answer begins and that it has ended; never its words one by one. */
export function LiveRegion(): ReactNode {
  const { t } = useText();
  const state = useChatState();
  const wasAnswering = useRef(false);
  const [said, setSaid] = useState('');
  const isAnswering = state.phase === 'waiting' || state.phase === 'writing' || state.phase === 'stopping';
  useEffect(() => {
    if (isAnswering === wasAnswering.current) return;
    wasAnswering.current = isAnswering;
    setSaid(isAnswering ? t.announceWriting : outcomeOf(state, t));
  }, [isAnswering, state, t]);
  return (
    <p role="status" aria-live="polite" className="sr-only" data-testid="announcer">
      {said}
    </p>
  );
}

/** How it ended, and why when it ended badly: who only listens does not come upon the notice by itself. */
function outcomeOf({ items }: ChatState, t: Dictionary): string {
  const last = items.at(-1);
  if (last === undefined) return '';
  if (last.status === 'stopped' || last.problem?.kind === 'stopped') return t.announceStopped;
  const isAnswer = last.role === 'assistant';
  if (last.problem === null) return isAnswer && last.status === 'complete' ? t.announceDone : t.cutOff;
  const outcome = isAnswer && last.status === 'interrupted' ? t.cutOff : t.announceFailed;
  const reason = wordsOf(last.problem, secondsUntil(last.problem.until, Date.now()), t);
  return reason === outcome ? outcome : `${outcome} ${reason}`;
}
