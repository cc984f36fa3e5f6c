'use client';

import { type ReactNode, useEffect, useState } from 'react';

import type { ChatProblem } from '@/lib/chat/item';
import { type Dictionary } from '@/lib/i18n/language';
import { useText } from '@/lib/i18n/provider';

import { Icon } from '../ui/icon';

/** What went wrong, in words, where it went wrong; counts down while one has to wait. */
export function ProblemNotice({ problem, children }: { problem: ChatProblem; children?: ReactNode }): ReactNode {
  const { t } = useText();
  const seconds = useSecondsUntil(problem.until);
  return (
    <div
      data-testid="problem"
      data-kind={problem.kind}
      className="flex flex-wrap items-center gap-x-3 gap-y-2 rounded-xl border border-destructive/40 bg-destructive/8 px-3.5 py-2.5 text-sm"
    >
      <p className="flex min-w-0 flex-1 basis-56 items-start gap-2 wrap-anywhere">
        <Icon name="warn" className="mt-0.5 size-4 text-destructive" />
        {wordsOf(problem, seconds, t)}
      </p>
      {children ? <div className="flex flex-wrap gap-2">{children}</div> : null}
    </div>
  );
}

export function useSecondsUntil(until: number | undefined): number {
  const [now, setNow] = useState(() => Date.now());
  const left = secondsUntil(until, now);
  const isOver = left === 0;
  useEffect(() => {
    if (until === undefined || isOver) return undefined;
    const timer = setInterval(() => setNow(Date.now()), 250);
    return () => clearInterval(timer);
  }, [until, isOver]);
  return left;
}

export function secondsUntil(until: number | undefined, now: number): number {
  return until === undefined ? 0 : Math.max(0, Math.ceil((until - now) / 1000));
}

const WORDS = {
  offline: 'offline',
  unreachable: 'unreachable',
  busy: 'busy',
  limited: 'limited',
  in_progress: 'inProgress',
  signed_out: 'signedOut',
  stopped: 'stoppedEarly',
  cut_off: 'cutOff',
  refused: 'refused',
} as const satisfies Record<ChatProblem['kind'], keyof Dictionary>;

/** A problem in the words of the interface, while so many seconds are left to wait. */
export function wordsOf({ kind, detail }: ChatProblem, seconds: number, t: Dictionary): string {
  if (kind === 'limited' && seconds > 0) return t.limitedFor(seconds);
  const words = [t[WORDS[kind]]];
  if (seconds > 0) words.push(t.waitSeconds(seconds));
  if (detail) words.push(detail);
  return words.join(' ');
}
