import type {
  ChatResponse,
  FeedbackRead,
  HistoryResponse,
  ResetResponse,
  SessionList,
  SessionRead,
  StopResponse,
  VersionsResponse,
} from './api';
import { AccountClient, type ClientOptions } from './account-client';
import { type AnswerEvent, eventsOf, readAnswer } from './client/answer';
import { ApiError } from './client/error';
import { newId } from './client/id';
import { Patience, patiently } from './client/patience';
import { type Answer, keepReading } from './client/resume';
import { defaultApiUrl } from './client/url';

export { ApiError } from './client/error';
export type { AnswerEvent } from './client/answer';
export type * from './api';

export interface SendOptions {
  /** Names this message: sent again under the same name it is never asked twice. */
  clientMessageId?: string;
  signal?: AbortSignal;
}

type Rating = 'up' | 'down';

/**
 * The AU-GURU service. Sending is safe to repeat and is repeated, a while, when the service cannot be
 * reached, is busy or still answers the message before; every failure is an `ApiError`.
 */
export class ApiClient extends AccountClient {
  constructor(baseUrl: string = defaultApiUrl(), options: ClientOptions = {}) {
    super(baseUrl, options);
  }

  /** Ask, and get the whole answer at once. Go on with the `session_id` that it returns. */
  async sendMessage(message: string, sessionId?: string, options: SendOptions = {}): Promise<ChatResponse> {
    const body = messageBody(message, sessionId, options);
    const send = (): Promise<ChatResponse> =>
      this.http.json('/chat/', { method: 'POST', body, signal: options.signal });
    return patiently(send, new Patience(options.signal));
  }

  /** Ask, and get the answer as it is written, over lost connections too. */
  streamMessage(
    message: string,
    sessionId?: string,
    options: SendOptions = {},
  ): AsyncGenerator<AnswerEvent> {
    const body = messageBody(message, sessionId, options);
    const open = async (): Promise<Answer> =>
      (await this.openStream(body, options.signal)) ??
      asAnswer(await this.http.json('/chat/', { method: 'POST', body, signal: options.signal }));
    return keepReading(open, open, new Patience(options.signal));
  }

  /**
   * Have the last answer written anew; the one before is kept as a version. `messageId` names it, null
   * takes the last question, whatever became of its answer.
   */
  regenerate(
    sessionId: string,
    messageId: number | null,
    signal?: AbortSignal,
  ): AsyncGenerator<AnswerEvent> {
    const again = { id: sessionId, session_id: sessionId, messages: [], trigger: 'regenerate-message' };
    const [path, body] =
      messageId === null
        ? ['/chat/stream', again]
        : [`${chat(sessionId)}/messages/${messageId}/regenerate`, undefined];
    const open = async (): Promise<Answer> => {
      const response = await this.http.send(path, { method: 'POST', body, accept: EVENTS, signal });
      return isStream(response)
        ? readAnswer(response.body)
        : asAnswer((await response.json()) as ChatResponse);
    };
    return keepReading(open, () => this.joinRunning(sessionId, signal), new Patience(signal));
  }

  /**
   * The answer that is being written in a conversation, from its first word; null when none is. If it
   * ends without `finish`, its end was missed and is to be read in the history.
   */
  async rejoin(sessionId: string, signal?: AbortSignal): Promise<AsyncGenerator<AnswerEvent> | null> {
    const running = await this.joinRunning(sessionId, signal);
    if (running === null) return null;
    const again = (): Promise<Answer | null> => this.joinRunning(sessionId, signal);
    return keepReading(() => Promise.resolve(running), again, new Patience(signal));
  }

  /** Stop the running answer; what is written is kept. */
  stop(sessionId: string): Promise<StopResponse> {
    return this.http.json(`${chat(sessionId)}/stop`, { method: 'POST' });
  }

  /** A page of a conversation, oldest message first; page back with the first message's id. */
  getHistory(
    sessionId: string,
    { limit, before, signal }: { limit?: number; before?: number; signal?: AbortSignal } = {},
  ): Promise<HistoryResponse> {
    const read = (): Promise<HistoryResponse> =>
      this.http.json(`${chat(sessionId)}/history`, { query: { limit, before }, signal });
    return patiently(read, new Patience(signal));
  }

  /** All answers that were written to one question, oldest first. */
  getVersions(sessionId: string, messageId: number): Promise<VersionsResponse> {
    return this.http.json(`${chat(sessionId)}/messages/${messageId}/versions`);
  }

  /** Erase a conversation with everything in it. */
  resetSession(sessionId: string): Promise<ResetResponse> {
    return this.http.json(chat(sessionId), { method: 'DELETE' });
  }

  /** Say whether an answer helped, and why; null takes it back. */
  sendFeedback(
    sessionId: string,
    messageId: number,
    rating: Rating | null,
    comment?: string,
  ): Promise<FeedbackRead> {
    const path = `${chat(sessionId)}/messages/${messageId}/feedback`;
    if (rating === null) return this.http.json(path, { method: 'DELETE' });
    return this.http.json(path, { method: 'PUT', body: { rating, comment: comment || null } });
  }

  /** One's own conversations, the last one first. */
  listSessions(query: { q?: string; cursor?: string | null; limit?: number } = {}): Promise<SessionList> {
    return this.http.json('/chat/', { query });
  }

  renameSession(sessionId: string, title: string): Promise<SessionRead> {
    return this.http.json(chat(sessionId), { method: 'PATCH', body: { title } });
  }

  /** Make a conversation that was begun without signing in one's own. */
  claimSession(sessionId: string): Promise<SessionRead> {
    return this.http.json(`${chat(sessionId)}/claim`, { method: 'POST' });
  }

  /** A whole conversation as a file. */
  async exportSession(sessionId: string, format: 'json' | 'markdown' = 'markdown'): Promise<Blob> {
    return (await this.http.send(`${chat(sessionId)}/export`, { query: { format }, accept: '*/*' })).blob();
  }

  /** Null where the service, or something before it, does not stream. */
  private async openStream(body: MessageBody, signal?: AbortSignal): Promise<Answer | null> {
    try {
      const response = await this.http.send('/chat/stream', { method: 'POST', body, accept: EVENTS, signal });
      return isStream(response) ? readAnswer(response.body) : null;
    } catch (error) {
      if (error instanceof ApiError && hasNoStreams(error)) return null;
      throw error;
    }
  }

  private async joinRunning(sessionId: string, signal?: AbortSignal): Promise<Answer | null> {
    const response = await this.http.send(`${chat(sessionId)}/stream`, { accept: EVENTS, signal });
    return isStream(response) ? readAnswer(response.body) : null;
  }
}

const EVENTS = 'text/event-stream';

interface MessageBody {
  message: string;
  session_id: string | undefined;
  client_message_id: string;
}

function messageBody(message: string, sessionId: string | undefined, options: SendOptions): MessageBody {
  return { message, session_id: sessionId, client_message_id: options.clientMessageId ?? newId() };
}

const chat = (sessionId: string): string => `/chat/${encodeURIComponent(sessionId)}`;

function isStream(response: Response): response is Response & { body: ReadableStream<Uint8Array> } {
  return response.body !== null && (response.headers.get('Content-Type') ?? '').startsWith(EVENTS);
}

/** A conversation that does not exist is 404 too, but says so. */
function hasNoStreams(error: ApiError): boolean {
  return error.status === 405 || (error.status === 404 && error.code !== 'session_not_found');
}

async function* asAnswer(answer: ChatResponse): AsyncGenerator<AnswerEvent> {
  yield* eventsOf(answer);
}
