import { setTimeout as sleep } from 'node:timers/promises';

import { systemClock } from '../../lib/core/clock.js';
import type { Peer } from '../support/socket-server.js';
import type { SseAnswer } from '../support/sse-server.js';

/** What the data of an event is: of one line, of several, with any characters. */
export const dataOf = (n: number): string => `${n} ${'λ😀x'.repeat(n % 17)}${n % 5 === 0 ? `\n${n}\n` : ''}`;

/** An event as some server might write it. */
export function eventOf(n: number, withId: boolean): string {
  const end = ['\n', '\r\n', '\r'][n % 3]!;
  const lines = dataOf(n)
    .split('\n')
    .map((line) => `data: ${line}`);
  return [...(withId ? [`id: ${n}`] : []), ...(n % 7 === 0 ? [': ping'] : []), ...lines, '', ''].join(end);
}

/** How often a server looks for something new. Unit: milliseconds. */
const LOOK_MS = 20;

/** Something that goes on, whoever listens: events with numbers from 1, one every few milliseconds. */
export class LiveFeed {
  readonly #beganMs = systemClock.now();
  readonly #everyMs: number;
  readonly #lengthMs: number;

  constructor(everyMs: number, lengthMs: number) {
    this.#everyMs = everyMs;
    this.#lengthMs = lengthMs;
  }

  /** Events up to now. */
  get count(): number {
    return Math.floor(Math.min(this.#lengthMs, systemClock.now() - this.#beganMs) / this.#everyMs);
  }

  get isOver(): boolean {
    return systemClock.now() - this.#beganMs >= this.#lengthMs;
  }

  /** Sends what comes behind an event, until the feed is over or the client is gone. */
  async send(from: number, isGone: () => boolean, send: (from: number, to: number) => void): Promise<void> {
    for (let next = from; !isGone();) {
      const { isOver, count } = this;
      if (next <= count) send(next, count);
      next = Math.max(next, count + 1);
      if (isOver) return;
      await sleep(LOOK_MS);
    }
  }

  /** Server-sent events: with ids from behind the last one that the client has, without from now on. */
  async answer(answer: SseAnswer, withId: boolean): Promise<void> {
    const from = withId ? Number(answer.request.headers['last-event-id'] ?? 0) + 1 : this.count + 1;
    if (this.isOver && from > this.count) {
      answer.head(204);
      return answer.end();
    }
    let isGone = false;
    void answer.gone.then(() => (isGone = true));
    answer.send(': hello\n\n');
    await this.send(
      from,
      () => isGone,
      (first, last) => {
        let burst = '';
        for (let n = first; n <= last; n++) burst += eventOf(n, withId);
        answer.send(burst);
      },
    );
    answer.end();
  }

  /** Topics: `from` a number on, or from now on; and numbers, doubled. */
  talk(peer: Peer): void {
    peer.socket.on('message', (data: Buffer) => {
      const { op, id, n, from = this.count + 1 } = JSON.parse(data.toString()) as Record<string, string & number>;
      if (op === 'double') peer.send({ re: id, n: n! * 2 });
      if (op !== 'on') return;
      const isGone = (): boolean => peer.socket.readyState !== peer.socket.OPEN;
      void this.send(from, isGone, (first, last) => {
        for (let number = first; number <= last; number++) peer.send({ topic: id, n: number, text: dataOf(number) });
      }).then(() => isGone() || peer.send({ topic: id, end: true }));
    });
  }
}
