'use client';
import type { ReactNode } from 'react';

import { useText } from '@/lib/i18n/provider';

import { IconButton } from '../ui/button';
import { Modal } from '../ui/modal';

export default function SidePanel({ onClose }: { onClose: () => void; onErase: () => void }): ReactNode {
  const { t } = useText();
  return (
    <Modal label={t.menu} onClose={onClose} testId="panel" side>
      <IconButton icon="close" label={t.close} onClick={onClose} data-testid="panel-close" />
    </Modal>
  );
}
