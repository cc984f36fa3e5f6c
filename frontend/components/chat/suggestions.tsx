import type { ReactNode } from 'react';

import { useText } from '@/lib/i18n/provider';

interface SuggestionsProps {
  questions: string[];
  onAsk: (question: string) => void;
}

/** Questions that are sent by pressing them. */
export function Suggestions({ questions, onAsk }: SuggestionsProps): ReactNode {
  const { t } = useText();
  if (questions.length === 0) return null;
  return (
    <ul aria-label={t.followUps} className="flex flex-wrap gap-2 sm:pl-10 print:hidden" data-testid="suggestions">
      {questions.map((question) => (
        <li key={question}>
          <button
            type="button"
            data-testid="suggestion"
            onClick={() => onAsk(question)}
            className="min-h-9 cursor-pointer rounded-full border border-border bg-card px-3.5 py-1.5 text-left text-sm transition-colors hover:border-primary/50 hover:bg-accent focus-visible:outline-2 focus-visible:outline-offset-2 focus-visible:outline-ring"
          >
            {question}
          </button>
        </li>
      ))}
    </ul>
  );
}
