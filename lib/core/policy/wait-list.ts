import type { Permit } from './permit.js';

/** Permits that wait, in the order of their coming; any of them leaves in constant time. */
export class WaitList {
  first: Permit | undefined;
  last: Permit | undefined;
  length = 0;

  push(permit: Permit): void {
    permit.prev = this.last;
    if (this.last) this.last.next = permit;
    else this.first = permit;
    this.last = permit;
    this.length++;
  }

  /** Takes out one that is in this list. */
  remove(permit: Permit): void {
    const { prev, next } = permit;
    if (prev) prev.next = next;
    else this.first = next;
    if (next) next.prev = prev;
    else this.last = prev;
    permit.prev = permit.next = undefined;
    this.length--;
  }
}
