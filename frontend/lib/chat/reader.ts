import type { AnswerEvent, ApiClient } from '../api-client';
import { TextGatherer } from './frame';
import { type ChatItem, itemsOf, withEvent } from './item';
import { ChatMemory } from './memory';
import { StateStore } from './state';

/** How many messages of a conversation are read at once. */
export const PAGE = 30;

/** Reads answers into the state, one at a time. */
export class AnswerReader extends StateStore {
  protected reading: AbortController | null = null;

  constructor(
    readonly client: ApiClient,
    protected readonly memory: ChatMemory = new ChatMemory(),
  ) {
    super();
  }

  /** Stop reading; the service writes on. */
  leave(): AbortController {
    this.reading?.abort();
    this.reading = new AbortController();
    return this.reading;
  }

  protected async read(
    events: AsyncIterable<AnswerEvent>,
    key: string,
    reading: AbortController,
    onFailure: (error: unknown) => void,
  ): Promise<void> {
    const text = new TextGatherer((piece) => {
      if (this.reading !== reading) return;
      this.setItem(key, (item) => ({ ...item, content: item.content + piece, isRetrying: false }));
      if (this.getState().phase === 'waiting') this.set({ phase: 'writing' });
    });
    try {
      for await (const event of events) {
        if (this.reading !== reading) return;
        if (event.type === 'text') {
          text.add(event.text);
          continue;
        }
        text.flush();
        if (event.type === 'start') this.adopt(event.sessionId);
        this.setItem(key, (item) => withEvent(item, event));
      }
      text.flush();
      await this.settle(key, reading);
    } catch (error) {
      text.flush();
      if (this.reading !== reading) return;
      this.set({ phase: 'ready' });
      onFailure(error);
    }
  }

  /** The service has the message: nothing of it can get lost any more. */
  private adopt(sessionId: string): void {
    this.memory.pending = null;
    if (sessionId !== '') this.memory.sessionId = sessionId;
    const items = this.getState().items.map((item) =>
      item.status === 'sending' ? { ...item, status: 'complete' as const } : item,
    );
    this.set({ items, sessionId: sessionId || this.getState().sessionId });
  }

  private async settle(key: string, reading: AbortController): Promise<void> {
    const { sessionId } = this.getState();
    const isMissed = this.find(key)?.status === 'writing';
    if (isMissed && sessionId !== null) return this.reload(sessionId, reading);
    this.dropEmpty(key);
    this.set({ phase: 'ready' });
  }

  /** An answer without a word leaves its question to be asked again. */
  private dropEmpty(key: string): void {
    const answer = this.find(key);
    if (answer === undefined || answer.content !== '') return;
    this.removeItem(key);
    this.markLastQuestion({ status: answer.status === 'stopped' ? 'stopped' : 'interrupted' });
  }

  protected markLastQuestion(change: Partial<ChatItem>): void {
    const question = this.getState().items.at(-1);
    if (question?.role === 'user') this.setItem(question.key, (item) => ({ ...item, ...change }));
  }

  /** Read the end of an answer that was missed. */
  protected async reload(sessionId: string, reading: AbortController): Promise<void> {
    const page = await this.client.getHistory(sessionId, { limit: PAGE, signal: reading.signal });
    this.set({ items: itemsOf(page.messages), hasEarlier: page.has_more, phase: 'ready' });
  }
}
