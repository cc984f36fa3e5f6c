'use client';

import type { ReactNode } from 'react';

import { download, today } from '@/lib/download';
import { useText } from '@/lib/i18n/provider';

import { useConversation } from '../chat/context';
import { Button } from '../ui/button';
import { Outcome } from '../ui/field';
import { Icon } from '../ui/icon';
import { Section } from './section';
import { useAction } from './use-action';

const ENDINGS = { markdown: 'md', json: 'json' } as const;

interface ThisConversationProps {
  sessionId: string;
  onErase: () => void;
}

/** What can be done with the conversation that is open. */
export function ThisConversation({ sessionId, onErase }: ThisConversationProps): ReactNode {
  const { t } = useText();
  const { client } = useConversation();
  const { isBusy, error, run } = useAction();
  const save = (format: keyof typeof ENDINGS): void => {
    void run(async () => {
      download(await client.exportSession(sessionId, format), `au-guru-${today()}.${ENDINGS[format]}`);
    });
  };
  return (
    <Section title={t.thisConversation}>
      <div className="flex flex-wrap gap-2">
        <Button disabled={isBusy} onClick={() => save('markdown')} data-testid="export-markdown">
          <Icon name="download" className="size-4" />
          {t.download} (.md)
        </Button>
        <Button disabled={isBusy} onClick={() => save('json')} data-testid="export-json">
          <Icon name="download" className="size-4" />
          {t.download} (.json)
        </Button>
        <Button onClick={onErase} data-testid="erase">
          <Icon name="bin" className="size-4" />
          {t.eraseConversation}
        </Button>
      </div>
      <Outcome error={error} />
    </Section>
  );
}
