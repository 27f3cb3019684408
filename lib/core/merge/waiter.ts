import { Timed } from '../deadlines.js';
import { Ring } from '../ring.js';

/** What waiters wait for. */
export interface Joinable<R> {
  add(waiter: Waiter<R>): void;
  /** One has passed a value on. */
  took(waiter: Waiter<R>): void;
  leave(waiter: Waiter<R>): void;
}

/** Who has waiters: one subscription. */
export interface WaiterOwner<R> {
  /** It has a value, its first or another one. */
  arrived(waiter: Waiter<R>): void;
  /** Its call is over, and it may still hold values. */
  ended(waiter: Waiter<R>): void;
  failed(waiter: Waiter<R>, error: unknown): void;
  /** Its deadline is over. */
  late(waiter: Waiter<R>): void;
}

/** One value of a source that waits for the answer of a call, which others may wait for too. */
export class Waiter<R> extends Timed {
  /** Whether the call was started for it. */
  leads = false;
  /** When that was, where somebody wants to know. */
  sinceMs = 0;
  /** Values that it has passed on, counted from the first one of the call. */
  taken = 0;
  /** Values that wait to be passed on: the first one here, others in the ring. */
  held = 0;
  #first: R | undefined;
  #others: Ring<R> | undefined;
  readonly #owner: WaiterOwner<R>;
  #call: Joinable<R> | undefined;

  constructor(owner: WaiterOwner<R>) {
    super();
    this.#owner = owner;
  }

  /** Whether its call still runs. */
  get runs(): boolean {
    return this.#call !== undefined;
  }

  join(call: Joinable<R>): void {
    this.#call = call;
    call.add(this);
  }

  take(value: R): void {
    if (this.held++ === 0) this.#first = value;
    else (this.#others ??= new Ring<R>()).push(value);
    this.#owner.arrived(this);
  }

  /** Gives the value that waited longest. */
  shift(): R {
    const value = this.#first as R;
    this.#first = --this.held > 0 ? this.#others!.shift() : undefined;
    return value;
  }

  /** What {@link shift} gave has been passed on. */
  passed(): void {
    this.#call?.took(this);
  }

  completed(): void {
    this.#call = undefined;
    this.#owner.ended(this);
  }

  failed(error: unknown): void {
    this.#call = undefined;
    this.#owner.failed(this, error);
  }

  leave(): void {
    const call = this.#call;
    this.#call = undefined;
    call?.leave(this);
  }

  override expire(): void {
    this.#owner.late(this);
  }
}
