/** The fake Gemini in a process of its own, directed line by line (`tests/fakes/gemini_remote.py`). */
import type { ChildProcess } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';
import { kill, python, start } from './processes.ts';

export class Gemini {
  private constructor(
    private readonly child: ChildProcess,
    private readonly lines: AsyncIterator<string>,
    private readonly reader: Interface,
    readonly url: string,
  ) {}

  static async start(): Promise<Gemini> {
    const child = start(python(), ['-m', 'tests.fakes.gemini_remote'], {});
    const reader = createInterface({ input: child.stdout! });
    const lines = reader[Symbol.asyncIterator]();
    const { port } = JSON.parse((await lines.next()).value) as { port: number };
    return new Gemini(child, lines, reader, `http://127.0.0.1:${port}`);
  }

  /** Answer everything so from now on. */
  async answer(text: string, pieces = 3): Promise<void> {
    await this.wish({ do: 'answer', text, pieces });
  }

  /** The same in these pieces, each of which waits until it is released. */
  async hold(...pieces: string[]): Promise<void> {
    await this.wish({ do: 'hold', pieces });
  }

  /** Let some pieces go; gives when each was sent, in milliseconds since 1970. */
  async release(count = 1): Promise<number[]> {
    return (await this.wish<{ sent: number[] }>({ do: 'release', count })).sent;
  }

  /** Refuse everything with this status. */
  async fail(status: number): Promise<void> {
    await this.wish({ do: 'fail', status });
  }

  /** How many questions came, and how many are still being answered. */
  async count(): Promise<{ asked: number; running: number }> {
    return this.wish({ do: 'count' });
  }

  async stop(): Promise<void> {
    this.reader.close();
    await kill(this.child);
  }

  private async wish<T = unknown>(wish: object): Promise<T> {
    this.child.stdin!.write(`${JSON.stringify(wish)}\n`);
    const line = await this.lines.next();
    if (line.done) throw new Error('the fake Gemini has ended');
    return JSON.parse(line.value) as T;
  }
}
