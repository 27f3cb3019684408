import { AHEAD, Slot, type SlotOwner } from '../slots.js';
import type { Holder } from './backlog.js';
import type { KeyQueue } from './key-queue.js';

/** A call that runs side by side with others. The links of the lists it is in live on it, so that leaving is no search. */
export class MergeCall<T, R> extends Slot<R> implements Holder<T> {
  /** What it was started for. */
  input: T | undefined;
  queue: KeyQueue<T> | undefined;
  /** Whether it is in the list of {@link Calls}, and its neighbours there; `next` is the slot's own. */
  isListed = false;
  prev: MergeCall<T, R> | undefined;
  declare next: MergeCall<T, R> | undefined;
  /** Whether it is in the {@link ResultLine}, and who is behind it there. */
  isInLine = false;
  behind: MergeCall<T, R> | undefined;

  /** Asks for more when no more than a quarter of what it may send ahead is on its way or waits. */
  replenish(): void {
    const ahead = this.asked + this.held;
    if (ahead <= AHEAD / 4) this.ask(AHEAD - ahead);
  }
}

/** The calls that have a place, and used ones that can be used again. */
export class Calls<T, R> {
  count = 0;
  #first: MergeCall<T, R> | undefined;
  #free: MergeCall<T, R> | undefined;

  add(owner: SlotOwner<R>): MergeCall<T, R> {
    const call = this.#free ?? new MergeCall<T, R>(owner);
    this.#free = call.next;
    this.#link(call);
    return call;
  }

  remove(call: MergeCall<T, R>): void {
    this.#unlink(call);
    call.isListed = false;
    call.input = call.error = undefined;
    if (!call.reuse()) return;
    call.next = this.#free;
    this.#free = call;
  }

  /** Takes all but one out. @returns the others, linked by `next` */
  keepOnly(kept: MergeCall<T, R> | undefined): MergeCall<T, R> | undefined {
    if (kept) this.#unlink(kept);
    const others = this.#first;
    for (let call = others; call; call = call.next) call.isListed = false;
    this.#first = undefined;
    this.count = 0;
    if (kept) this.#link(kept);
    return others;
  }

  #link(call: MergeCall<T, R>): void {
    call.isListed = true;
    call.prev = undefined;
    call.next = this.#first;
    if (this.#first) this.#first.prev = call;
    this.#first = call;
    this.count++;
  }

  #unlink(call: MergeCall<T, R>): void {
    if (call.prev) call.prev.next = call.next;
    else this.#first = call.next;
    if (call.next) call.next.prev = call.prev;
    call.prev = call.next = undefined;
    this.count--;
  }
}

/** Calls that have results to send, in the order in which they came to have some. */
export class ResultLine<T, R> {
  first: MergeCall<T, R> | undefined;
  #last: MergeCall<T, R> | undefined;

  /** Does nothing for one that is in line already. */
  push(call: MergeCall<T, R>): void {
    if (call.isInLine) return;
    call.isInLine = true;
    if (this.first) this.#last!.behind = call;
    else this.first = call;
    this.#last = call;
  }

  shift(): MergeCall<T, R> | undefined {
    const call = this.first;
    if (!call) return undefined;
    this.first = call.behind;
    call.behind = undefined;
    call.isInLine = false;
    return call;
  }

  clear(): void {
    this.first = this.#last = undefined;
  }
}
