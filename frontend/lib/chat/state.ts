import type { ChatItem, ChatProblem } from './item';

export interface ChatState {
  sessionId: string | null;
  items: ChatItem[];
  /** `waiting` until the first word of an answer, `writing` until its last. */
  phase: 'loading' | 'ready' | 'waiting' | 'writing' | 'stopping';
  hasEarlier: boolean;
  isLoadingEarlier: boolean;
  /** What went wrong with the conversation as a whole. */
  problem: ChatProblem | null;
}

export const EMPTY: ChatState = {
  sessionId: null,
  items: [],
  phase: 'loading',
  hasEarlier: false,
  isLoadingEarlier: false,
  problem: null,
};

/** Holds the state, changes it, and tells who listens. */
export class StateStore {
  private state = EMPTY;
  private listeners = new Set<() => void>();

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  };

  readonly getState = (): ChatState => this.state;

  protected set(change: Partial<ChatState>): void {
    this.state = { ...this.state, ...change };
    this.listeners.forEach((listener) => listener());
  }

  protected setItem(key: string, change: (item: ChatItem) => ChatItem): void {
    this.set({ items: this.state.items.map((item) => (item.key === key ? change(item) : item)) });
  }

  protected removeItem(key: string): void {
    this.set({ items: this.state.items.filter((item) => item.key !== key) });
  }

  protected find(key: string): ChatItem | undefined {
    return this.state.items.find((item) => item.key === key);
  }
}
