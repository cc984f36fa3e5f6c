'use client';

import { type ReactNode, lazy, useEffect } from 'react';

import { useText } from '@/lib/i18n/provider';

import { Button } from '../ui/button';
import { Modal } from '../ui/modal';
import { loadMarkdown } from './answer-text';

// What the first sight of the page does not need.
const loadPanel = (): Promise<typeof import('../account/side-panel')> => import('../account/side-panel');
const loadErase = (): Promise<typeof import('./erase-dialog')> => import('./erase-dialog');

export const SidePanel = lazy(() => loadPanel().catch(() => ({ default: Unavailable })));
export const EraseDialog = lazy(() => loadErase().catch(() => ({ default: Unavailable })));

/** Fetches the rest once the page has nothing else to do. */
export function usePreloaded(): void {
  useEffect(() => {
    const preload = (): void => {
      for (const load of [loadMarkdown, loadPanel, loadErase]) load().catch(() => undefined);
    };
    if ('requestIdleCallback' in window) requestIdleCallback(preload, { timeout: 2_000 });
    else setTimeout(preload, 500);
  }, []);
}

/** A part of the page that could not be fetched. */
function Unavailable({ onClose }: { onClose: () => void }): ReactNode {
  const { t } = useText();
  return (
    <Modal label={t.failure} onClose={onClose} testId="unavailable">
      <div className="space-y-4 p-5">
        <p>{t.unreachable}</p>
        <Button onClick={() => window.location.reload()}>{t.tryAgain}</Button>
      </div>
    </Modal>
  );
}
