'use client';

import { type ReactNode, useState } from 'react';

import { useText } from '@/lib/i18n/provider';

import { Button } from '../ui/button';
import { Modal } from '../ui/modal';
import { useConversation } from './context';

/** Asks before a conversation is erased for ever. */
export default function EraseDialog({ onClose }: { onClose: () => void }): ReactNode {
  const { t } = useText();
  const conversation = useConversation();
  const [hasFailed, setHasFailed] = useState(false);
  const erase = async (): Promise<void> => {
    try {
      await conversation.reset();
      onClose();
    } catch {
      setHasFailed(true);
    }
  };
  return (
    <Modal label={t.eraseTitle} onClose={onClose} testId="erase-dialog">
      <div className="space-y-4 p-5">
        <h2 className="text-lg font-semibold">{t.eraseTitle}</h2>
        <p className="text-sm text-muted-foreground">{t.eraseText}</p>
        {hasFailed ? (
          <p role="alert" className="text-sm text-destructive">
            {t.unreachable}
          </p>
        ) : null}
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose} data-testid="erase-cancel">
            {t.cancel}
          </Button>
          <Button look="danger" onClick={() => void erase()} data-testid="erase-confirm">
            {t.erase}
          </Button>
        </div>
      </div>
    </Modal>
  );
}
