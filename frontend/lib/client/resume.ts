import type { AnswerEvent } from './answer';
import { Patience } from './patience';

export type Answer = AsyncIterable<AnswerEvent>;

/**
 * Read an answer to its end, over lost connections. `open` gives it from its start; `reopen` does so
 * after a loss, null when it can be had no more (its end is then in the history). What was told
 * already is not told twice.
 */
export async function* keepReading(
  open: () => Promise<Answer>,
  reopen: () => Promise<Answer | null>,
  patience = new Patience(),
): AsyncGenerator<AnswerEvent> {
  const told = new Told();
  let next: () => Promise<Answer | null> = open;
  for (;;) {
    try {
      const answer = await next();
      if (answer === null) return;
      next = reopen;
      for await (const event of answer) {
        const fresh = told.fresh(event);
        if (fresh === null) continue;
        patience.reset();
        yield fresh;
      }
      return;
    } catch (error) {
      const delay = patience.delayAfter(error);
      yield { type: 'retry' };
      await patience.pauseFor(delay);
    }
  }
}

/** What a reader has of an answer already. */
class Told {
  private start: { messageId: number | null } | null = null;
  private text = '';
  private sources = new Set<string>();
  private replayed = '';

  fresh(event: AnswerEvent): AnswerEvent | null {
    if (event.type === 'start') return this.freshStart(event);
    if (event.type === 'text') return this.freshText(event.text);
    if (event.type !== 'source') return event;
    if (this.sources.has(event.source.id)) return null;
    this.sources.add(event.source.id);
    return event;
  }

  private freshStart(event: AnswerEvent & { type: 'start' }): AnswerEvent | null {
    const isSame = this.start !== null && this.start.messageId === event.messageId;
    this.start = event;
    this.replayed = '';
    if (isSame) return null;
    this.text = '';
    this.sources.clear();
    return event;
  }

  private freshText(text: string): AnswerEvent | null {
    const before = this.replayed.length;
    this.replayed += text;
    if (this.replayed.length <= this.text.length) return null;
    const fresh = text.slice(Math.max(0, this.text.length - before));
    this.text += fresh;
    return { type: 'text', text: fresh };
  }
}
