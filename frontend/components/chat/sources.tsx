import type { ReactNode } from 'react';

import type { Source } from '@/lib/api';
import { useText } from '@/lib/i18n/provider';
import { safeUrl } from '@/lib/safe-url';
import { formatDate } from '@/lib/time';

import { Icon } from '../ui/icon';

/** Where the facts of an answer stand, folded away when there are many. */
export function Sources({ sources }: { sources: Source[] }): ReactNode {
  const { t } = useText();
  if (sources.length === 0) return null;
  return (
    <details className="group text-sm" data-testid="sources" open={sources.length <= 2}>
      <summary className="inline-flex min-h-8 cursor-pointer list-none items-center gap-1.5 rounded-md text-muted-foreground hover:text-foreground focus-visible:outline-2 focus-visible:outline-ring">
        <Icon name="book" className="size-4" />
        {t.sources(sources.length)}
        <Icon name="right" className="size-3.5 transition-transform group-open:rotate-90" />
      </summary>
      <ul className="mt-1 space-y-1.5 border-l-2 border-border pl-3">
        {sources.map((source) => (
          <SourceLine key={source.id} source={source} />
        ))}
      </ul>
    </details>
  );
}

function SourceLine({ source }: { source: Source }): ReactNode {
  const { t, locale } = useText();
  const url = safeUrl(source.url);
  const title = source.title || source.file || source.id;
  return (
    <li data-testid="source" className="leading-snug wrap-anywhere">
      {url ? (
        <a
          href={url}
          target="_blank"
          rel="noopener noreferrer"
          className="text-foreground underline decoration-primary/60 underline-offset-3 hover:decoration-primary"
        >
          {title}
        </a>
      ) : (
        <span>{title}</span>
      )}
      <span className="text-muted-foreground">
        {url ? ` · ${new URL(url).hostname}` : ` · ${t.universityFile}`}
        {source.date ? (
          <>
            {' · '}
            <time dateTime={source.date}>{t.asOf(formatDate(source.date, locale))}</time>
          </>
        ) : null}
      </span>
    </li>
  );
}
