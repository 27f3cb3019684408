import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

/** A process that this one has started, and the first thing it said. */
export interface Child<T> {
  readonly said: T;
  /** Tells it that it is needed no more. */
  end(): void;
}

/** Runs a program, and waits for the first thing it has to say. */
export async function startChild<T>(program: URL, ...args: readonly string[]): Promise<Child<T>> {
  const child = fork(program, args);
  const [said] = (await Promise.race([once(child, 'message'), early(child, program)])) as [T];
  return { said, end: () => child.connected && child.disconnect() };
}

/** Fails when the child ends; once it has said something, nobody listens any more. */
async function early(child: ChildProcess, program: URL): Promise<never> {
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  throw new Error(`${program.pathname} ended before it was ready: ${code === null ? signal : `exit code ${code}`}`);
}
