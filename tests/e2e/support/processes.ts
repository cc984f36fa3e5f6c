/** Processes that a test starts, waits for and ends. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export const ROOT = path.resolve(import.meta.dirname, '../../..');
const START_MS = 90_000; // alone it takes two seconds; machines that test are busy
const PATIENCE_MS = 30_000;

export type Environment = Record<string, string>;

/** Start a program with this environment and nothing of the caller's but PATH and HOME. */
export function start(program: string, args: string[], environment: Environment, cwd = ROOT): ChildProcess {
  const { PATH = '', HOME = '' } = process.env;
  return spawn(program, args, {
    cwd,
    env: { PATH, HOME, ...environment },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
}

/** The interpreter that the service runs in; `make e2e` names it. */
export function python(): string {
  return process.env.PYTHON ?? path.join(ROOT, 'venv/bin/python');
}

/** End a process as a power cut does, and wait until it is gone. */
export async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

/** A port that nobody listens on at the moment. */
export async function freePort(): Promise<number> {
  const probe = net.createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as net.AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

/** Wait until `url` answers with a good status; an error when the process ends or takes too long. */
export async function untilAnswered(url: string, child: ChildProcess): Promise<void> {
  const giveUp = Date.now() + START_MS;
  while (Date.now() < giveUp && child.exitCode === null) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok) return;
    await sleep(50);
  }
  throw new Error(`nothing answers at ${url}`);
}

/** Wait until something is so. */
export async function until(isSo: () => Promise<boolean> | boolean, what: string): Promise<void> {
  const giveUp = Date.now() + PATIENCE_MS;
  while (!(await isSo())) {
    if (Date.now() > giveUp) throw new Error(`waited in vain for ${what}`);
    await sleep(20);
  }
}
