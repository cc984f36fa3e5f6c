import type { ChatResponse, Source } from '../api';
import { ApiError, isAbort } from './error';
import { readEvents } from './sse';

/** What is told about an answer when it is whole. */
export interface AnswerEnd {
  answeredBy: ChatResponse['answered_by'] | null;
  unsupported: string[];
  sources: Source[];
  language: string | null;
  status: 'complete' | 'stopped';
}

/** One thing that happens while an answer is written. `start` begins it (anew, when it comes again). */
export type AnswerEvent =
  | { type: 'start'; sessionId: string; messageId: number | null }
  | { type: 'source'; source: Source }
  | { type: 'text'; text: string }
  | { type: 'suggestions'; questions: string[] }
  /** The connection was lost; it is tried again, and what comes next goes on where it broke off. */
  | { type: 'retry' }
  | ({ type: 'finish' } & AnswerEnd);

type Part = Record<string, unknown>;

/** Read an answer in the UI message stream protocol, which ends with `[DONE]`. */
export async function* readAnswer(body: ReadableStream<Uint8Array>): AsyncGenerator<AnswerEvent> {
  try {
    for await (const data of readEvents(body)) {
      if (data === '[DONE]') return;
      const event = eventOf(parse(data));
      if (event) yield event;
    }
  } catch (error) {
    // A body that breaks off rejects with whatever words the browser has for it.
    if (error instanceof ApiError || isAbort(error)) throw error;
  }
  throw new ApiError('The connection was lost.', { code: 'connection_lost' });
}

/** The same events for an answer that came in one piece. */
export function* eventsOf(answer: ChatResponse): Generator<AnswerEvent> {
  yield { type: 'start', sessionId: answer.session_id, messageId: answer.message_id };
  yield { type: 'text', text: answer.response };
  yield { type: 'suggestions', questions: answer.suggestions };
  yield {
    type: 'finish',
    answeredBy: answer.answered_by,
    unsupported: answer.unsupported,
    sources: answer.sources,
    language: answer.language,
    status: 'complete',
  };
}

function parse(data: string): Part {
  try {
    const part: unknown = JSON.parse(data);
    if (typeof part === 'object' && part !== null) return part as Part;
  } catch {
    // told below
  }
  throw new ApiError('The service sent something that is no answer.', { code: 'bad_response' });
}

function eventOf(part: Part): AnswerEvent | null {
  switch (part.type) {
    case 'start':
      return startOf(part);
    case 'source-url':
    case 'source-document':
      return { type: 'source', source: sourceOf(part) };
    case 'text-delta':
      return typeof part.delta === 'string' ? { type: 'text', text: part.delta } : null;
    case 'data-suggestions':
      return { type: 'suggestions', questions: textsOf(part.data) };
    case 'abort':
      return { type: 'finish', ...endOf({ status: 'stopped' }), sources: [] };
    case 'finish':
      return { type: 'finish', ...endOf(partOf(part.messageMetadata)) };
    case 'error':
      throw new ApiError(textOf(part.errorText) ?? 'The answer was cut off.', { code: 'answer_failed' });
    default:
      return null; // newer parts than this client knows
  }
}

function startOf(part: Part): AnswerEvent {
  const id = Number(part.messageId);
  return {
    type: 'start',
    sessionId: textOf(partOf(part.messageMetadata).session_id) ?? '',
    messageId: Number.isSafeInteger(id) ? id : null,
  };
}

function sourceOf(part: Part): Source {
  return {
    id: textOf(part.sourceId) ?? '',
    title: textOf(part.title) ?? '',
    url: textOf(part.url),
    file: textOf(part.filename),
  };
}

function endOf(metadata: Part): AnswerEnd {
  const by = metadata.answered_by;
  return {
    answeredBy: by === 'gemini' || by === 'knowledge' ? by : null,
    unsupported: textsOf(metadata.unsupported),
    sources: Array.isArray(metadata.sources) ? (metadata.sources as Source[]) : [],
    language: textOf(metadata.language),
    status: metadata.status === 'stopped' ? 'stopped' : 'complete',
  };
}

const partOf = (value: unknown): Part => (typeof value === 'object' && value !== null ? (value as Part) : {});
const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);
const textsOf = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
