import { type Clock, NetworkError } from 'millrace';
import { Observable } from 'rxjs';

import type { Chance } from './chance.ts';

export interface ServerOptions {
  readonly clock: Clock;
  readonly chance: Chance;
  readonly workers: number;
  readonly meanMs: number;
}

interface Job {
  readonly done: () => void;
  readonly factor: number;
}

/**
 * A server with so many workers and one queue, first come, first served, without a bound. Work that its caller has
 * given up is done all the same, as most servers do: they do not hear of it, or too late.
 */
export class Server {
  workers: number;
  /** How many times longer than usual work takes. */
  slowness = 1;
  /** Every call is refused at once. */
  down = false;
  /** Requests that have arrived. */
  arrived = 0;
  readonly #options: ServerOptions;
  readonly #queue: Job[] = [];
  #head = 0;
  #busy = 0;

  constructor(options: ServerOptions) {
    this.#options = options;
    this.workers = options.workers;
  }

  get waiting(): number {
    return this.#queue.length - this.#head;
  }

  /** One request: a number when the work is done, or a retryable error where the server is down. */
  readonly call: Observable<number> = new Observable((subscriber) => {
    this.arrived++;
    if (this.down) return subscriber.error(new NetworkError('the server is down', 'connect'));
    const done = (): void => {
      subscriber.next(1);
      subscriber.complete();
    };
    this.#queue.push({ done, factor: this.#options.chance.exponential(1) });
    this.#work();
  });

  /** Changes how many work at once. */
  resize(workers: number): void {
    this.workers = workers;
    this.#work();
  }

  #work(): void {
    const { clock, meanMs } = this.#options;
    while (this.#busy < this.workers && this.waiting > 0) {
      const { done, factor } = this.#queue[this.#head++]!;
      if (this.#head > 4096 && this.#head * 2 > this.#queue.length) this.#shorten();
      this.#busy++;
      clock.after(factor * meanMs * this.slowness, () => {
        this.#busy--;
        done();
        this.#work();
      });
    }
  }

  /** Lets go of what has left the queue: seldom, so that it costs little. */
  #shorten(): void {
    this.#queue.splice(0, this.#head);
    this.#head = 0;
  }
}
