import { newId } from './id';
import type { Store } from './storage';
import { pause } from './patience';

const LEASE_SECONDS = 15;

/** Run `work` in one tab of this browser at a time. */
export async function withLock<T>(name: string, store: Store, work: () => Promise<T>): Promise<T> {
  if (typeof navigator !== 'undefined' && 'locks' in navigator && navigator.locks) {
    return (await navigator.locks.request(name, work)) as T;
  }
  return withLease(name, store, work); // a page over plain HTTP has no locks
}

async function withLease<T>(name: string, store: Store, work: () => Promise<T>): Promise<T> {
  const owner = newId();
  const isFree = (): boolean => Number(store.get(name)?.split(' ')[1] ?? 0) < Date.now();
  for (;;) {
    if (isFree()) {
      store.set(name, `${owner} ${Date.now() + LEASE_SECONDS * 1000}`);
      await pause(30); // whoever wrote at the same time has written by now
      if (store.get(name)?.startsWith(owner)) break;
    }
    await pause(50);
  }
  try {
    return await work();
  } finally {
    store.set(name, null);
  }
}
