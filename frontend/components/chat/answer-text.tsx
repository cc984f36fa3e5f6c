'use client';

import { type ReactNode, Suspense, lazy, useEffect } from 'react';

const load = (): Promise<typeof import('./markdown')> => import('./markdown');
const Markdown = lazy(load);

interface AnswerTextProps {
  text: string;
  unsupported: string[];
  isGrowing: boolean;
}

/** An answer's text; as it was written until what reads Markdown is there. */
export function AnswerText(props: AnswerTextProps): ReactNode {
  const plain = (
    <div className="whitespace-pre-wrap wrap-anywhere" dir="auto">
      {props.text}
    </div>
  );
  return (
    <Suspense fallback={plain}>
      <Markdown {...props} />
    </Suspense>
  );
}

/** Fetches what reads Markdown once the page has nothing else to do: before the first answer. */
export function usePreloadedMarkdown(): void {
  useEffect(() => {
    const preload = (): void => void load().catch(() => undefined);
    if ('requestIdleCallback' in window) requestIdleCallback(preload, { timeout: 2_000 });
    else setTimeout(preload, 500);
  }, []);
}
