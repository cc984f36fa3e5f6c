'use client';

import { useState } from 'react';

import { useText } from '@/lib/i18n/provider';
import { wordsOfError } from '@/lib/words-of-error';

interface Action {
  isBusy: boolean;
  /** What went wrong, in words. */
  error: string | null;
  /** Runs one piece of work at a time; true when it succeeded. */
  run: (work: () => Promise<unknown>) => Promise<boolean>;
}

export function useAction(): Action {
  const { t } = useText();
  const [isBusy, setIsBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const run = async (work: () => Promise<unknown>): Promise<boolean> => {
    if (isBusy) return false;
    setIsBusy(true);
    setError(null);
    try {
      await work();
      return true;
    } catch (reason) {
      setError(wordsOfError(reason, t));
      return false;
    } finally {
      setIsBusy(false);
    }
  };
  return { isBusy, error, run };
}
