import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

import type { Order, Sample } from './contract.ts';

type Answer = { readonly sample: Sample } | { readonly error: string };

// A contender is idle only because others have their turn: V8 must not take that for a time to collect, since it then
// also forgets the shapes of objects of which none lives, and the code that was made for them.
const execArgv = ['--expose-gc', '--no-memory-reducer', '--no-warnings'];
const env = { ...process.env, NODE_ENV: 'production' };

/** A child process that does one contender's work. */
export class Worker {
  readonly #child: ChildProcess;
  #gone: Error | undefined;

  private constructor(child: ChildProcess, name: string) {
    this.#child = child;
    child.once('exit', (code, signal) => (this.#gone = new Error(`${name} ended with ${signal ?? `code ${code}`}`)));
  }

  /** @param module - exports `prepare`, which gets `args` */
  static start(module: URL, ...args: readonly string[]): Promise<Worker> {
    return Worker.startWith([], module, ...args);
  }

  /** @param flags - more flags for V8 */
  static async startWith(flags: readonly string[], module: URL, ...args: readonly string[]): Promise<Worker> {
    const options = { execArgv: [...execArgv, ...flags], env };
    const child = fork(new URL('child.ts', import.meta.url), [module.href, ...args], options);
    const worker = new Worker(child, `${module.pathname.split('/').slice(-2).join('/')} ${args.join(' ')}`.trim());
    await worker.#said();
    return worker;
  }

  async run(order: Order): Promise<Sample> {
    this.#child.send(order);
    const answer = (await this.#said()) as Answer;
    if ('error' in answer) throw new Error(answer.error);
    return answer.sample;
  }

  /** Lets the process go; resolves when it has. */
  async end(): Promise<void> {
    if (this.#gone) return;
    const exit = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exit;
  }

  async #said(): Promise<unknown> {
    const stop = new AbortController();
    const { signal } = stop;
    const fail = (): Promise<never> => {
      throw this.#gone ?? new Error('the process ended');
    };
    try {
      if (this.#gone) return fail();
      const [message] = await Promise.race([
        once(this.#child, 'message', { signal }),
        once(this.#child, 'exit', { signal }).then(fail),
      ]);
      return message;
    } finally {
      stop.abort();
    }
  }
}
