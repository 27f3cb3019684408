import { RejectedError } from '../../lib/core/errors.js';
import type { Outcome } from '../../lib/core/policy/outcome.js';
import type { Gate, Permit } from '../../lib/core/policy/permit.js';
import { WaitList } from '../../lib/core/policy/wait-list.js';

/** The simplest gate with a queue: so many at once, those behind wait in their order, a full queue refuses. */
export class CountingGate implements Gate {
  readonly waiting = new WaitList();
  readonly running = new Set<Permit>();
  /** What was told to `leave`, in order. */
  readonly left: Outcome[] = [];
  readonly errors: unknown[] = [];
  entered = 0;
  abandoned = 0;
  refused = 0;
  limit: number;
  readonly queue: number;

  constructor(limit: number, queue = Infinity) {
    this.limit = limit;
    this.queue = queue;
  }

  enter(permit: Permit): void {
    this.entered++;
    if (this.running.size < this.limit) this.#admit(permit);
    else if (this.waiting.length < this.queue) this.waiting.push(permit);
    else {
      this.refused++;
      permit.refuse(new RejectedError('queue-full', 'full'));
    }
  }

  abandon(permit: Permit): void {
    this.abandoned++;
    this.waiting.remove(permit);
  }

  leave(permit: Permit, outcome: Outcome, error: unknown): void {
    if (!this.running.delete(permit)) throw new Error('a permit came back twice');
    this.left.push(outcome);
    this.errors.push(error);
    this.handOver();
  }

  /** Also after the limit was raised. */
  handOver(): void {
    while (this.running.size < this.limit && this.waiting.first) {
      const next = this.waiting.first;
      this.waiting.remove(next);
      this.#admit(next);
    }
  }

  #admit(permit: Permit): void {
    this.running.add(permit);
    permit.admit();
  }
}
