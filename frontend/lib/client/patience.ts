import { ApiError } from './error';

const DELAYS = [500, 1_000, 2_000, 4_000, 8_000];
const LONGEST_WAIT = 15;

/** Waits longer after each failure in a row, and gives up on what waiting does not mend. */
export class Patience {
  private failures = 0;

  constructor(
    private readonly signal?: AbortSignal,
    private readonly delays: readonly number[] = DELAYS,
  ) {}

  /** Something came: the next failure is a first one again. */
  reset(): void {
    this.failures = 0;
  }

  /** Wait before another try; throws `error` when there should be none. */
  async waitAfter(error: unknown): Promise<void> {
    await this.pauseFor(this.delayAfter(error));
  }

  pauseFor(milliseconds: number): Promise<void> {
    return pause(milliseconds, this.signal);
  }

  /** Milliseconds to wait before another try; throws `error` when there should be none. */
  delayAfter(error: unknown): number {
    const delay = this.delays[this.failures++];
    if (delay === undefined || !isWorthAnotherTry(error)) throw error;
    const told = error instanceof ApiError ? error.retryAfter : undefined;
    if (told !== undefined && told > LONGEST_WAIT) throw error;
    // Spread, so that a hall of students does not come back all at once.
    return told !== undefined ? told * 1000 : delay * (0.75 + Math.random() / 2);
  }
}

function isWorthAnotherTry(error: unknown): boolean {
  return error instanceof ApiError && (error.isPassing || error.code === 'turn_in_progress');
}

/** Do `work` until it succeeds or waiting mends nothing. */
export async function patiently<T>(work: () => Promise<T>, patience: Patience): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      await patience.waitAfter(error);
    }
  }
}

/** Wait; an abort ends it with the signal's reason. */
export function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (): void => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', end);
      resolve();
    }, milliseconds);
    if (signal?.aborted) end();
    else signal?.addEventListener('abort', end, { once: true });
  });
}
