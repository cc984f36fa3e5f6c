'use client';

import { type ReactNode, useEffect, useState } from 'react';

import { type ChatItem, itemsOf } from '@/lib/chat/item';
import { useText } from '@/lib/i18n/provider';

import { IconButton } from '../ui/button';
import { useConversation } from './context';

interface VersionsProps {
  sessionId: string;
  answerId: number;
  onShow: (version: ChatItem | null) => void;
}

/** Leafs through the answers that a question got, when it got several. */
export function Versions({ sessionId, answerId, onShow }: VersionsProps): ReactNode {
  const { t } = useText();
  const { client } = useConversation();
  const [versions, setVersions] = useState<ChatItem[]>([]);
  const [shown, setShown] = useState(0);
  useEffect(() => {
    let isCurrent = true;
    const show = (found: ChatItem[]): void => {
      if (!isCurrent) return;
      setVersions(found);
      setShown(Math.max(0, found.findIndex((version) => version.id === answerId)));
    };
    client.getVersions(sessionId, answerId).then(
      (found) => show(itemsOf(found.versions)),
      () => undefined, // the answer itself is there
    );
    return () => {
      isCurrent = false;
    };
  }, [client, sessionId, answerId]);
  if (versions.length < 2) return null;
  const turn = (by: number): void => {
    const next = versions[shown + by];
    if (next === undefined) return;
    setShown(shown + by);
    onShow(next.id === answerId ? null : next);
  };
  return (
    <span className="flex items-center" role="group" aria-label={t.earlierAnswers} data-testid="versions">
      <IconButton
        icon="left"
        size="small"
        label={t.previous}
        aria-disabled={shown === 0}
        data-testid="version-previous"
        onClick={() => turn(-1)}
      />
      <span role="status" className="text-xs text-muted-foreground tabular-nums">
        <span aria-hidden="true">
          {shown + 1}/{versions.length}
        </span>
        <span className="sr-only">{t.version(shown + 1, versions.length)}</span>
      </span>
      <IconButton
        icon="right"
        size="small"
        label={t.next}
        aria-disabled={shown === versions.length - 1}
        data-testid="version-next"
        onClick={() => turn(1)}
      />
    </span>
  );
}
