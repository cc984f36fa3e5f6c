'use client';

import { type ComponentType, type ReactNode, Suspense, lazy } from 'react';

interface AnswerTextProps {
  text: string;
  unsupported: string[];
  isGrowing: boolean;
}

// A page that stays open may find no server to fetch this from: the text is there all the same.
export const loadMarkdown = (): Promise<{ default: ComponentType<AnswerTextProps> }> =>
  import('./markdown').catch(() => ({ default: Plain }));
const Markdown = lazy(loadMarkdown);

/** An answer's text; as it was written until what reads Markdown is there. */
export function AnswerText(props: AnswerTextProps): ReactNode {
  return (
    <Suspense fallback={<Plain {...props} />}>
      <Markdown {...props} />
    </Suspense>
  );
}

function Plain({ text }: AnswerTextProps): ReactNode {
  return (
    <div className="whitespace-pre-wrap wrap-anywhere" dir="auto">
      {text}
    </div>
  );
}
