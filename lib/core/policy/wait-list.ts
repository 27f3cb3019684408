import type { Permit } from './permit.js';

/** What a {@link WaitList} links: it carries its own links, so that waiting allocates nothing. */
export interface Linked<T> {
  prev: T | undefined;
  next: T | undefined;
}

/** Permits, or others, that wait in the order of their coming; any of them leaves in constant time. */
export class WaitList<T extends Linked<T> = Permit> {
  first: T | undefined;
  last: T | undefined;
  length = 0;

  push(item: T): void {
    item.prev = this.last;
    if (this.last) this.last.next = item;
    else this.first = item;
    this.last = item;
    this.length++;
  }

  /** Whether it is in this list; it is in no other one. */
  has(item: T): boolean {
    return item.prev !== undefined || this.first === item;
  }

  /** Takes out one that is in this list. */
  remove(item: T): void {
    const { prev, next } = item;
    if (prev) prev.next = next;
    else this.first = next;
    if (next) next.prev = prev;
    else this.last = prev;
    item.prev = item.next = undefined;
    this.length--;
  }
}
