import { RejectedError } from '../core/errors.js';
import type { Room } from '../core/overflow.js';
import type { SocketData } from './socket-contract.js';
import type { SocketLink } from './socket-link.js';

/** A message on its way out. */
export interface Outgoing {
  readonly data: SocketData;
  /** It was handed to the socket. */
  sent(): void;
  /** It never will be. */
  lost(error: unknown): void;
}

/** Messages that wait for a connection, or for room in its socket. */
export class Outbox {
  readonly #room: Room;
  // A set, since whoever leaves takes its message back from the middle.
  readonly #waiting = new Set<Outgoing>();
  #link: SocketLink | undefined;

  constructor(room: Room) {
    this.#room = room;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** Sends at once, where nothing is before it. @returns whether it did */
  pass(data: SocketData): boolean {
    if (this.#waiting.size > 0 || !this.#link?.hasRoom) return false;
    this.#link.send(data);
    return true;
  }

  push(item: Outgoing): void {
    if (this.pass(item.data)) return item.sent();
    const { capacity, overflow } = this.#room;
    if (this.#waiting.size < capacity) this.#waiting.add(item);
    else if (overflow === 'error' || overflow === 'drop-newest') item.lost(this.#full());
    else this.#displace(item, overflow === 'latest');
  }

  remove(item: Outgoing): void {
    this.#waiting.delete(item);
  }

  /** Sends what waits by a connection that is ready; `undefined` for none. */
  use(link: SocketLink | undefined): void {
    this.#link = link;
    this.flush();
  }

  flush(): void {
    for (const item of this.#waiting) {
      if (!this.#link?.hasRoom) return;
      this.#waiting.delete(item);
      this.#link.send(item.data);
      item.sent();
    }
  }

  /** Lets go of all that waits, and gives it. */
  clear(): readonly Outgoing[] {
    const waiting = [...this.#waiting];
    this.#link = undefined;
    this.#waiting.clear();
    return waiting;
  }

  #displace(item: Outgoing, all: boolean): void {
    const old = all ? [...this.#waiting] : [this.#waiting.values().next().value!];
    for (const one of old) this.#waiting.delete(one);
    this.#waiting.add(item);
    for (const one of old) one.lost(this.#full());
  }

  #full(): RejectedError {
    return new RejectedError('queue-full', `${this.#room.capacity} messages wait to be sent (outbound.capacity)`);
  }
}
