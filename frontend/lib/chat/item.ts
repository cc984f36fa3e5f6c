import type { AnswerEvent, ChatMessage, Source } from '../api-client';
import { ApiError, isAbort } from '../client/error';
import { newId } from '../client/id';

/** What went wrong, in the words of the interface; `detail` is the service's own sentence. */
export interface ChatProblem {
  kind:
    | 'offline'
    | 'unreachable'
    | 'busy'
    | 'limited'
    | 'in_progress'
    | 'signed_out'
    | 'stopped'
    | 'cut_off'
    | 'refused';
  detail?: string;
  /** When it may be tried again, in milliseconds. */
  until?: number;
}

/** A question or an answer as it stands on the page. */
export interface ChatItem {
  key: string;
  id: number | null;
  role: 'user' | 'assistant';
  content: string;
  timestamp: string;
  status: 'sending' | 'writing' | 'complete' | 'stopped' | 'interrupted' | 'failed';
  language: string | null;
  sources: Source[];
  suggestions: string[];
  unsupported: string[];
  answeredBy: 'gemini' | 'knowledge' | null;
  feedback: 'up' | 'down' | null;
  clientMessageId: string | null;
  problem: ChatProblem | null;
  /** The connection was lost while it was written, and is tried again. */
  isRetrying: boolean;
  /** Whether there can be other answers to the same question. */
  mayHaveVersions: boolean;
}

export function newItem(role: ChatItem['role'], given: Partial<ChatItem> = {}): ChatItem {
  return {
    key: newId(),
    id: null,
    role,
    content: '',
    timestamp: new Date().toISOString(),
    status: role === 'user' ? 'sending' : 'writing',
    language: null,
    sources: [],
    suggestions: [],
    unsupported: [],
    answeredBy: null,
    feedback: null,
    clientMessageId: null,
    problem: null,
    isRetrying: false,
    mayHaveVersions: false,
    ...given,
  };
}

/** A message of the history. An answer that is still being written is left out: it is rejoined. */
export function itemsOf(messages: ChatMessage[]): ChatItem[] {
  return messages
    .filter((message) => message.role === 'user' || message.status !== 'pending')
    .map((message) =>
      newItem(message.role, {
        key: `message-${message.id}`,
        id: message.id,
        content: message.content,
        timestamp: message.timestamp,
        status: message.status === 'pending' ? 'sending' : message.status,
        sources: message.sources ?? [],
        suggestions: message.suggestions ?? [],
        unsupported: message.unsupported ?? [],
        answeredBy: message.answered_by ?? null,
        language: message.language ?? null,
        feedback: message.feedback ?? null,
        mayHaveVersions: true,
      }),
    );
}

/** An answer after one more thing happened to it; its text is added elsewhere. */
export function withEvent(before: ChatItem, event: Exclude<AnswerEvent, { type: 'text' }>): ChatItem {
  const item = before.isRetrying ? { ...before, isRetrying: false } : before;
  switch (event.type) {
    case 'start':
      return { ...item, id: event.messageId, content: '', sources: [], status: 'writing', problem: null };
    case 'source':
      return { ...item, sources: [...item.sources, event.source] };
    case 'retry':
      return { ...item, isRetrying: true };
    case 'suggestions':
      return { ...item, suggestions: event.questions };
    case 'finish':
      return {
        ...item,
        status: event.status,
        answeredBy: event.answeredBy,
        unsupported: event.unsupported,
        language: event.language ?? item.language,
        sources: event.sources.length > 0 ? event.sources : item.sources,
      };
  }
}

/** The problem that an error is to the one who asked. */
export function problemOf(error: unknown): ChatProblem {
  if (isAbort(error)) return { kind: 'stopped' };
  if (!(error instanceof ApiError)) return { kind: 'cut_off' };
  const until = error.retryAfter === undefined ? undefined : Date.now() + error.retryAfter * 1000;
  if (error.code === 'offline') return { kind: 'offline' };
  if (error.code === 'network_error') return { kind: 'unreachable' };
  if (error.code === 'turn_in_progress') return { kind: 'in_progress' };
  if (error.status === 429) return { kind: 'limited', until: until ?? Date.now() + 5_000 };
  if (error.status === 401) return { kind: 'signed_out' };
  if (error.status >= 500) return { kind: 'busy', until };
  if (error.status >= 400) return { kind: 'refused', detail: error.message };
  return { kind: 'cut_off' };
}
