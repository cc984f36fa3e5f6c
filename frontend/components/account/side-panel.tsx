'use client';

import { type ReactNode, useEffect, useRef, useState } from 'react';

import { useText } from '@/lib/i18n/provider';

import { useChatState, useIsSignedIn } from '../chat/context';
import { IconButton } from '../ui/button';
import { Modal } from '../ui/modal';
import { AccountView } from './account-view';
import { SessionList } from './session-list';
import { SignInView } from './sign-in-view';
import { ThisConversation } from './this-conversation';

interface SidePanelProps {
  onClose: () => void;
  onErase: () => void;
}

/** One's conversations and account, for those who want them. */
export default function SidePanel({ onClose, onErase }: SidePanelProps): ReactNode {
  const { t } = useText();
  const isSignedIn = useIsSignedIn();
  const { items, sessionId } = useChatState();
  const [version, setVersion] = useState(0);
  const heading = useRef<HTMLHeadingElement>(null);
  const wasSignedIn = useRef(isSignedIn);
  useEffect(() => {
    if (isSignedIn !== wasSignedIn.current) heading.current?.focus(); // what had it has gone
    wasSignedIn.current = isSignedIn;
  }, [isSignedIn]);
  return (
    <Modal label={t.menu} onClose={onClose} testId="panel" side>
      <div className="flex h-full flex-col">
        <div className="flex items-center justify-between border-b border-border py-2 pr-2 pl-4">
          <h2 ref={heading} tabIndex={-1} className="font-semibold outline-none">
            {t.menu}
          </h2>
          <IconButton icon="close" label={t.close} onClick={onClose} data-testid="panel-close" />
        </div>
        <div className="min-h-0 flex-1 space-y-7 overflow-y-auto p-4">
          {sessionId !== null && items.length > 0 ? (
            <ThisConversation key={sessionId} sessionId={sessionId} onErase={onErase} />
          ) : null}
          {isSignedIn ? (
            <>
              <SessionList key={version} onOpen={onClose} />
              <AccountView />
            </>
          ) : (
            <SignInView onDone={() => setVersion(version + 1)} />
          )}
        </div>
      </div>
    </Modal>
  );
}
