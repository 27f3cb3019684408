import type { FlowSubscriber } from '../core/demand.js';
import { Outlet } from '../core/outlet.js';
import { overrun, pushOver, type Room } from '../core/overflow.js';
import { Ring } from '../core/ring.js';

/** Values that wait when the server is held back, and how few let it go on. */
const SLOW = 64;
const CAUGHT_UP = 16;

/** The channel, as one subscription sees it. */
export interface ReaderHome {
  /** Whether the server can be held back. */
  readonly canPause: boolean;
  /** Holds the server back while at least one reader is slow. */
  slow(reader: SocketReader, isSlow: boolean): void;
}

/** One subscription to messages, with its demand. */
export class SocketReader extends Outlet<unknown> {
  readonly #home: ReaderHome;
  readonly #room: Room;
  readonly #left: (reader: SocketReader) => void;
  #waiting: Ring<unknown> | undefined;
  #isSlow = false;

  /** @param left - called when it needs no more; may be called twice */
  constructor(to: FlowSubscriber<unknown>, home: ReaderHome, room: Room, left: (reader: SocketReader) => void) {
    super(to);
    this.#home = home;
    this.#room = room;
    this.#left = left;
  }

  get isLive(): boolean {
    return this.isOpen;
  }

  push(value: unknown): void {
    if (this.pass(value) || !this.isOpen) return;
    const waiting = (this.#waiting ??= new Ring());
    const { capacity, overflow } = this.#room;
    const holdsBack = overflow === 'error' && this.#home.canPause;
    // What was asked for does not count: it waits only while another value is being sent.
    if (holdsBack || waiting.length - this.requested < capacity) waiting.push(value);
    else if (!pushOver(waiting, value, overflow)) return this.#overrun();
    if (holdsBack && waiting.length >= Math.min(SLOW, capacity)) this.#mark(true);
    this.drain();
  }

  /** What waits still leaves first. */
  end(error: unknown, failed: boolean): void {
    if (failed) this.fail(error);
    else this.complete();
  }

  protected override get held(): number {
    return this.#waiting ? this.#waiting.length : 0;
  }

  protected override pull(): boolean {
    if (this.held === 0) return false;
    const value = this.#waiting!.shift();
    if (this.#isSlow && this.held <= CAUGHT_UP) this.#mark(false);
    this.emit(value);
    return true;
  }

  protected override release(): void {
    this.#waiting?.clear();
    this.#mark(false);
    this.#left(this);
  }

  #overrun(): void {
    this.#left(this);
    this.fail(overrun(this.#room, 'webSocket'));
  }

  #mark(isSlow: boolean): void {
    if (this.#isSlow === isSlow) return;
    this.#isSlow = isSlow;
    this.#home.slow(this, isSlow);
  }
}

/** Those who get the same messages. */
export class Audience {
  // Replaced, never changed: a delivery goes to those who were there when it began.
  #readers: readonly SocketReader[] = [];

  get size(): number {
    return this.#readers.length;
  }

  add(reader: SocketReader): void {
    this.#readers = [...this.#readers, reader];
  }

  remove(reader: SocketReader): void {
    this.#readers = this.#readers.filter((one) => one !== reader);
  }

  deliver(value: unknown): void {
    for (const reader of this.#readers) reader.push(value);
  }

  /** Lets go of all, and gives them. */
  clear(): readonly SocketReader[] {
    const readers = this.#readers;
    this.#readers = [];
    return readers;
  }
}
