import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** Starts a program of this folder and waits for the first thing it has to say. */
export async function startChild<T>(
  file: string,
  args: readonly string[] = [],
): Promise<{ child: ChildProcess; said: T }> {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), args);
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`${file} ended with code ${String(code)} before it was ready`);
  });
  ended.catch(() => {}); // it may end as it likes once it is ready
  const [said] = (await Promise.race([once(child, 'message'), ended])) as [T];
  return { child, said };
}
