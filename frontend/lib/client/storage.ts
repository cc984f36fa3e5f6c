/** What of `Storage` is used; frames of other sites and private windows may have none. */
export interface Store {
  get(key: string): string | null;
  set(key: string, value: string | null): void;
}

/** Keeps as long as the page lives. */
export function memoryStore(): Store {
  const kept = new Map<string, string>();
  return {
    get: (key) => kept.get(key) ?? null,
    set: (key, value) => void (value === null ? kept.delete(key) : kept.set(key, value)),
  };
}

/** The browser's storage, or memory where it is refused or full. */
export function browserStore(kind: 'localStorage' | 'sessionStorage'): Store {
  const memory = memoryStore();
  const attempt = <T>(work: (storage: Storage) => T): T | undefined => {
    try {
      return typeof window === 'undefined' ? undefined : work(window[kind]);
    } catch {
      return undefined;
    }
  };
  return {
    get: (key) => memory.get(key) ?? attempt((storage) => storage.getItem(key)) ?? null,
    set(key, value) {
      const isKept = attempt((storage) => {
        if (value === null) storage.removeItem(key);
        else storage.setItem(key, value);
        return true;
      });
      memory.set(key, isKept ? null : value);
    },
  };
}
