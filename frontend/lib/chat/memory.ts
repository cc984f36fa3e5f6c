import { type Store, memoryStore } from '../client/storage';

/** A message that was not taken by the service yet. */
export interface PendingMessage {
  text: string;
  sessionId: string | null;
  clientMessageId: string;
}

const SESSION = 'au-guru.session';
const PENDING = 'au-guru.pending';

/** What outlives a reload: the conversation that is open, and a message on its way. */
export class ChatMemory {
  constructor(
    private readonly lasting: Store = memoryStore(),
    private readonly ofTab: Store = memoryStore(),
  ) {}

  /** Each tab has its own conversation; a new tab goes on with the last one. */
  get sessionId(): string | null {
    return this.ofTab.get(SESSION) ?? this.lasting.get(SESSION);
  }

  set sessionId(id: string | null) {
    this.ofTab.set(SESSION, id);
    this.lasting.set(SESSION, id);
  }

  get pending(): PendingMessage | null {
    try {
      return JSON.parse(this.ofTab.get(PENDING) ?? 'null') as PendingMessage | null;
    } catch {
      return null;
    }
  }

  set pending(message: PendingMessage | null) {
    this.ofTab.set(PENDING, message === null ? null : JSON.stringify(message));
  }
}
