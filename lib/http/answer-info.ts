import type { Clock } from '../core/clock.js';
import type { Head } from '../core/wire.js';
import type { ResponseInfo } from './answer-types.js';

/** Notes what an answer's information is made of. */
export class AnswerInfo {
  readonly #clock: Clock;
  readonly #startedAt: number;
  #headAt = 0;
  #head: Head | undefined;
  #url = '';
  #attempt = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#startedAt = clock.now();
  }

  head(head: Head, url: string, attempt: number): void {
    this.#headAt = this.#clock.now();
    this.#head = head;
    this.#url = url;
    this.#attempt = attempt;
  }

  /** @param fallback - what a layer that answered by itself said */
  read(fallback: ResponseInfo | undefined): ResponseInfo | undefined {
    if (!this.#head) return fallback;
    const { status, headers } = this.#head;
    const startedAt = this.#startedAt;
    const timings = { startedAt, headMs: this.#headAt - startedAt, totalMs: this.#clock.now() - startedAt };
    return { status, headers, url: this.#url, timings, attempts: this.#attempt };
  }
}
