'use client';

import { type ReactNode, useEffect } from 'react';

import { Chatbot } from '../chatbot';

/** What the page around is told; it holds nothing that others must not read. */
const CLOSE = { type: 'au-guru:close' };

/** The chat in a frame of another page. Escape asks that page to close it. */
export function EmbeddedChat(): ReactNode {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      const isTaken = event.defaultPrevented || event.isComposing || document.querySelector('dialog[open]') !== null;
      if (event.key === 'Escape' && !isTaken && window.parent !== window) window.parent.postMessage(CLOSE, '*');
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, []);
  return (
    <div className="h-dvh">
      <Chatbot isEmbedded />
    </div>
  );
}
