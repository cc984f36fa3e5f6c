'use client';

import { type ComponentProps, type ReactNode, memo, useMemo } from 'react';
import ReactMarkdown, { type Components } from 'react-markdown';
import remarkGfm from 'remark-gfm';

import { useText } from '@/lib/i18n/provider';
import { markUnsupported } from '@/lib/mark-unsupported';
import { splitBlocks } from '@/lib/markdown-blocks';
import { safeUrl } from '@/lib/safe-url';

interface MarkdownProps {
  text: string;
  unsupported: string[];
  isGrowing: boolean;
}

/** An answer's text. HTML in it is shown as it is written, pictures are not loaded, links are checked. */
const Markdown = memo(function Markdown({ text, unsupported, isGrowing }: MarkdownProps): ReactNode {
  const blocks = isGrowing ? splitBlocks(text) : [text];
  return (
    <div className="answer-text" dir="auto">
      {blocks.map((block, index) => (
        <Block key={index} text={block} unsupported={unsupported} />
      ))}
    </div>
  );
});

export default Markdown;

const Block = memo(function Block({ text, unsupported }: Omit<MarkdownProps, 'isGrowing'>): ReactNode {
  const rehype = useMemo(() => [markUnsupported(unsupported)], [unsupported]);
  return (
    <ReactMarkdown
      remarkPlugins={[remarkGfm]}
      rehypePlugins={rehype}
      urlTransform={(url) => safeUrl(url) ?? ''}
      components={COMPONENTS}
    >
      {text}
    </ReactMarkdown>
  );
});

function Link({ href, children }: ComponentProps<'a'>): ReactNode {
  if (!href) return <span>{children}</span>;
  return (
    <a href={href} target="_blank" rel="noopener noreferrer nofollow">
      {children}
    </a>
  );
}

function Table({ children }: ComponentProps<'table'>): ReactNode {
  const { t } = useText();
  return (
    <div role="group" aria-label={t.answerOf} tabIndex={0} className="answer-table">
      <table>{children}</table>
    </div>
  );
}

function Unconfirmed({ children }: ComponentProps<'mark'>): ReactNode {
  const { t } = useText();
  return (
    <mark title={t.unsupportedMark} data-testid="unsupported-mark">
      {children}
      {/* A space that breaks would put an empty line under the figure in a narrow column. */}
      <span className="sr-only">{'\u00a0'}({t.unsupportedMark})</span>
    </mark>
  );
}

const COMPONENTS: Components = {
  a: Link,
  table: Table,
  mark: Unconfirmed,
  img: ({ alt }) => <span>{alt}</span>,
  h1: ({ children }) => <h3>{children}</h3>,
  h2: ({ children }) => <h3>{children}</h3>,
  input: ({ checked }) => <span aria-hidden="true">{checked ? '☑ ' : '☐ '}</span>,
};
