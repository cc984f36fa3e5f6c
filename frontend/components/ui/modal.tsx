'use client';

import { type ReactNode, useLayoutEffect, useRef } from 'react';

interface ModalProps {
  label: string;
  onClose: () => void;
  side?: boolean;
  testId: string;
  children: ReactNode;
}

/** A dialog of the browser's own: it keeps the focus inside, closes on Escape and gives the focus back. */
export function Modal({ label, onClose, side = false, testId, children }: ModalProps): ReactNode {
  const dialog = useRef<HTMLDialogElement>(null);
  // It gives the focus back only while it still stands in the page: effects that are no layout's end too late.
  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  const place = side
    ? 'm-0 h-dvh max-h-none w-[min(24rem,100vw)] max-w-none border-r'
    : 'm-auto w-[min(26rem,calc(100vw-2rem))] rounded-2xl border';
  return (
    <dialog
      ref={dialog}
      aria-label={label}
      data-testid={testId}
      onClose={onClose}
      onClick={(event) => event.target === dialog.current && onClose()}
      className={`overflow-hidden border-border bg-popover p-0 text-popover-foreground shadow-2xl backdrop:bg-black/45 ${place}`}
    >
      {children}
    </dialog>
  );
}
