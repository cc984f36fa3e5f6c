import { ApiError, type HistoryResponse } from '../api-client';
import { isAbort } from '../client/error';
import { newId } from '../client/id';
import { type ChatItem, itemsOf, newItem, problemOf } from './item';
import { AnswerReader, PAGE } from './reader';
import { EMPTY } from './state';

/** One conversation at a time: what is asked, answered, stopped, read again and erased in it. */
export class Conversation extends AnswerReader {
  /** Take up what a reload has left: the history, a running answer, a message on its way. */
  async begin(): Promise<void> {
    const pending = this.memory.pending;
    await this.open(this.memory.sessionId);
    if (pending === null || this.isBusy || this.getState().problem) return;
    // The service may have it already: then it stands in the history, and is only answered again.
    const { items } = this.getState();
    const last = items.findLastIndex((item) => item.role === 'user');
    const isKnown = items[last]?.content === pending.text;
    if (isKnown) this.set({ items: items.slice(0, last) });
    await this.ask(newItem('user', { content: pending.text, clientMessageId: pending.clientMessageId }));
    const { sessionId } = this.getState();
    if (isKnown && sessionId !== null && this.memory.pending === null) await this.open(sessionId);
  }

  get isBusy(): boolean {
    return this.getState().phase !== 'ready';
  }

  /** Show another conversation, or an empty one. */
  async open(sessionId: string | null): Promise<void> {
    const reading = this.leave();
    this.memory.sessionId = sessionId;
    if (sessionId === null) this.memory.pending = null;
    this.set({ ...EMPTY, sessionId });
    if (sessionId !== null) await this.load(sessionId, reading);
    else this.set({ phase: 'ready' });
  }

  /** Ask. */
  async send(text: string): Promise<void> {
    const content = text.trim();
    if (content === '' || this.isBusy) return;
    await this.ask(newItem('user', { content, clientMessageId: newId() }));
  }

  /** Send a question once more that got no answer, or have the last answer written anew. */
  async retry(key: string): Promise<void> {
    const item = this.find(key);
    if (item === undefined || this.isBusy) return;
    // A stopped answer is an answer: sent again under its id, the question would get it once more.
    if (item.role === 'user' && item.clientMessageId !== null && item.status !== 'stopped') {
      const later = this.getState().items.slice(this.getState().items.indexOf(item) + 1);
      later.filter((next) => next.role === 'assistant').slice(0, 1).forEach((next) => this.removeItem(next.key));
      return this.ask(item);
    }
    return this.regenerate();
  }

  /** Have the last question answered once more. */
  async regenerate(): Promise<void> {
    const { sessionId, items } = this.getState();
    if (sessionId === null || this.isBusy) return;
    const last = items.at(-1);
    const old = last?.role === 'assistant' ? last : null;
    const answer = newItem('assistant', { mayHaveVersions: true });
    this.set({ items: [...items.filter((item) => item !== old), answer], phase: 'waiting', problem: null });
    const reading = this.leave();
    const events = this.client.regenerate(sessionId, old?.id ?? null, reading.signal);
    await this.read(events, answer.key, reading, (error) => {
      const problem = problemOf(error);
      if (old !== null) return this.setItem(answer.key, () => ({ ...old, key: answer.key, problem }));
      this.removeItem(answer.key);
      this.markLastQuestion({ status: 'interrupted', problem });
    });
  }

  /** Stop the answer; what is written of it stays. */
  async stop(): Promise<void> {
    const { phase, sessionId, items } = this.getState();
    if (phase !== 'waiting' && phase !== 'writing') return;
    const reading = this.reading;
    this.set({ phase: 'stopping' });
    try {
      if (items.at(-1)?.id === null) reading?.abort(); // it may never begin
      if (sessionId === null || !(await this.client.stop(sessionId)).stopped) reading?.abort();
    } catch {
      reading?.abort();
    }
  }

  /** Erase the conversation and begin an empty one. */
  async reset(): Promise<void> {
    const { sessionId } = this.getState();
    if (sessionId !== null) {
      await this.client.resetSession(sessionId).catch((error: unknown) => {
        if (!isGone(error)) throw error;
      });
    }
    await this.open(null);
  }

  /** Read the page of messages before the first one that is shown. */
  async loadEarlier(): Promise<void> {
    const { sessionId, items, hasEarlier, isLoadingEarlier } = this.getState();
    const before = items.find((item) => item.id !== null)?.id;
    if (sessionId === null || !before || !hasEarlier || isLoadingEarlier) return;
    this.set({ isLoadingEarlier: true });
    try {
      const page = await this.client.getHistory(sessionId, { limit: PAGE, before });
      if (this.getState().sessionId !== sessionId) return;
      this.set({ items: [...itemsOf(page.messages), ...this.getState().items], hasEarlier: page.has_more });
    } finally {
      this.set({ isLoadingEarlier: false });
    }
  }

  /** Rate an answer; null takes the rating back. */
  async rate(key: string, rating: 'up' | 'down' | null, comment?: string): Promise<void> {
    const { sessionId } = this.getState();
    const item = this.find(key);
    if (sessionId === null || item === undefined || item.id === null) return;
    this.setItem(key, (now) => ({ ...now, feedback: rating }));
    try {
      await this.client.sendFeedback(sessionId, item.id, rating, comment);
    } catch (error) {
      this.setItem(key, (now) => ({ ...now, feedback: item.feedback }));
      throw error;
    }
  }

  /** Do what could not be done for want of a network. */
  catchUp(): void {
    const { problem, sessionId } = this.getState();
    if (problem !== null) return void this.open(sessionId);
    const unsent = this.getState().items.find((item) => item.problem?.kind === 'offline' && item.role === 'user');
    if (unsent !== undefined) void this.retry(unsent.key);
  }

  /** Show what was said meanwhile in another tab or on another device. */
  async lookAgain(): Promise<void> {
    const { sessionId, items, problem } = this.getState();
    if (sessionId === null || this.isBusy || problem !== null || items.some((item) => item.problem !== null)) return;
    try {
      const page = await this.client.getHistory(sessionId, { limit: PAGE });
      if (this.getState().items !== items || !hasMore(page, items)) return;
      await this.show(page, sessionId, this.leave());
    } catch (error) {
      if (isGone(error) && this.getState().items === items) await this.open(null);
    }
  }

  /** Take a question that was not answered off the page; gives its text. */
  takeBack(key: string): string {
    const text = this.find(key)?.content ?? '';
    this.memory.pending = null;
    this.removeItem(key);
    return text;
  }

  private async load(sessionId: string, reading: AbortController): Promise<void> {
    try {
      await this.show(await this.client.getHistory(sessionId, { limit: PAGE, signal: reading.signal }), sessionId, reading);
    } catch (error) {
      if (isAbort(error)) return;
      if (isGone(error)) return this.open(null);
      this.set({ phase: 'ready', problem: problemOf(error) });
    }
  }

  private async show(page: HistoryResponse, sessionId: string, reading: AbortController): Promise<void> {
    this.set({ items: itemsOf(page.messages), hasEarlier: page.has_more });
    if (page.messages.at(-1)?.status === 'pending') await this.rejoin(sessionId, reading);
    else this.set({ phase: 'ready' });
  }

  private async rejoin(sessionId: string, reading: AbortController): Promise<void> {
    const running = await this.client.rejoin(sessionId, reading.signal);
    if (running === null) return this.reload(sessionId, reading);
    const answer = newItem('assistant');
    this.set({ items: [...this.getState().items, answer], phase: 'waiting' });
    await this.read(running, answer.key, reading, (error) => {
      const broken = { status: 'interrupted', problem: problemOf(error) } as const;
      if (this.find(answer.key)?.content !== '') return this.setItem(answer.key, (item) => ({ ...item, ...broken }));
      this.removeItem(answer.key);
      this.markLastQuestion(broken);
    });
  }

  private async ask(question: ChatItem): Promise<void> {
    const { sessionId, items } = this.getState();
    const sent = { ...question, status: 'sending' as const, problem: null };
    const answer = newItem('assistant');
    const rest = items.filter((item) => item.key !== question.key);
    const clientMessageId = question.clientMessageId ?? newId();
    this.set({ items: [...rest, sent, answer], phase: 'waiting', problem: null });
    this.memory.pending = { text: sent.content, sessionId, clientMessageId };
    const reading = this.leave();
    const { signal } = reading;
    const events = this.client.streamMessage(sent.content, sessionId ?? undefined, { clientMessageId, signal });
    await this.read(events, answer.key, reading, (error) => this.fail(sent, answer.key, error));
  }

  private fail(question: ChatItem, answerKey: string, error: unknown): void {
    if (isGone(error) && this.getState().sessionId !== null) {
      // It belongs to the account that was signed in before: go on in a new one.
      this.set({ sessionId: null, items: [question] });
      this.memory.sessionId = null;
      return void this.ask(question);
    }
    const problem = problemOf(error);
    if (problem.kind === 'stopped' || problem.kind === 'refused') this.memory.pending = null;
    const answer = this.find(answerKey);
    if (answer !== undefined && answer.content !== '') {
      this.setItem(answerKey, (item) => isAbort(error) ? { ...item, status: 'stopped' } : { ...item, status: 'interrupted', problem });
      return;
    }
    this.removeItem(answerKey);
    this.setItem(question.key, (item) => ({ ...item, status: 'failed', problem }));
  }
}

/** Whether the newest page holds an answer that is not shown, or one that is being written. */
function hasMore(page: HistoryResponse, items: ChatItem[]): boolean {
  const shown = new Set(items.map((item) => item.id));
  return page.messages.some(
    (message) => message.status === 'pending' || (message.role === 'assistant' && !shown.has(message.id)),
  );
}

function isGone(error: unknown): boolean {
  return error instanceof ApiError && error.code === 'session_not_found';
}
