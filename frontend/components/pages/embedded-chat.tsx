'use client';

import { type ReactNode, useEffect } from 'react';

import { Chatbot } from '../chatbot';

/** What the page around is told, and what it may wish for; nothing that others must not read. */
const READY = { type: 'au-guru:ready' };
const CLOSE = { type: 'au-guru:close' };
const FOCUS = 'au-guru:focus';

/** The chat in a frame of another page, whose origin the widget gives as `host`. Escape asks it to close the frame. */
export function EmbeddedChat(): ReactNode {
  useEffect(() => {
    if (window.parent === window) return undefined;
    const host = hostOrigin();
    const tell = (message: object): void => window.parent.postMessage(message, host ?? '*');
    const onKeyDown = (event: KeyboardEvent): void => {
      const isTaken = event.defaultPrevented || event.isComposing || document.querySelector('dialog[open]') !== null;
      if (event.key === 'Escape' && !isTaken) tell(CLOSE);
    };
    const onMessage = (event: MessageEvent<{ type?: unknown } | null>): void => {
      if (event.source !== window.parent || (host !== null && event.origin !== host)) return;
      if (event.data?.type === FOCUS) focusComposer();
    };
    window.addEventListener('keydown', onKeyDown);
    window.addEventListener('message', onMessage);
    tell(READY);
    return () => {
      window.removeEventListener('keydown', onKeyDown);
      window.removeEventListener('message', onMessage);
    };
  }, []);
  return (
    <div className="h-dvh print:h-auto">
      <Chatbot isEmbedded />
    </div>
  );
}

function hostOrigin(): string | null {
  const given = new URLSearchParams(window.location.search).get('host') ?? '';
  return URL.canParse(given) && given === new URL(given).origin ? given : null;
}

/** On a phone the focus would bring up the keyboard over what there is to read. */
function focusComposer(): void {
  if (!window.matchMedia('(pointer: fine)').matches) return;
  document.querySelector<HTMLTextAreaElement>('textarea[data-testid="composer"]')?.focus();
}
