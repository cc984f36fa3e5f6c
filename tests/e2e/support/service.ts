/** The service as it is run, on a database of its own, with the fake Gemini behind it. */
import type { ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Environment, freePort, kill, python, ROOT, start, untilAnswered } from './processes.ts';

export class Service {
  private child: ChildProcess | undefined;

  private constructor(
    readonly port: number,
    private readonly folder: string,
    private readonly environment: Environment,
  ) {}

  /** Start it; `settings` come on top of those that every test wants. */
  static async start(geminiUrl: string, settings: Environment = {}): Promise<Service> {
    const folder = await mkdtemp(path.join(tmpdir(), 'au-guru-e2e-'));
    const service = new Service(await freePort(), folder, {
      DATABASE_URL: `sqlite:///${folder}/e2e.db`,
      FRONTEND_DIR: path.join(ROOT, 'frontend/out'),
      GEMINI_API_KEY: 'a-key-of-the-tests',
      GEMINI_BASE_URL: geminiUrl,
      LOG_LEVEL: 'ERROR',
      RATE_LIMIT_ENABLED: 'false',
      ...settings,
    });
    await service.restart();
    return service;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Where the chat is. */
  get page(): string {
    return `${this.url}/ui/`;
  }

  /** End it as a power cut does. */
  async kill(): Promise<void> {
    if (this.child) await kill(this.child);
  }

  /** Start it again at the same place. */
  async restart(): Promise<void> {
    await this.kill();
    const args = ['-m', 'backend', 'serve', '--port', String(this.port)];
    this.child = start(python(), args, this.environment);
    await untilAnswered(`${this.url}/health`, this.child);
  }

  async stop(): Promise<void> {
    await this.kill();
    await rm(this.folder, { recursive: true, force: true });
  }
}
