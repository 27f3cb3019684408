import { throwError } from 'rxjs';

import type { Demand, FlowSubscriber } from '../../lib/core/demand.js';

/** A source that keeps the rules, written anew so that faults can be planted in it: sends 1 to `count`. */
export class HonestRun implements Demand {
  protected to: FlowSubscriber<number> | undefined;
  protected count: number;
  protected readonly error: unknown;
  protected wanted = 0;
  protected sent = 0;
  protected busy = false;

  constructor(to: FlowSubscriber<number>, count: number, error?: unknown) {
    this.to = to;
    this.count = count;
    this.error = error;
  }

  start(): void {
    this.to!.onSubscribe(this);
  }

  request(n: number): void {
    if (!this.to) return;
    if (!(n > 0 && (Number.isInteger(n) || n === Infinity))) return this.refuse(n);
    this.add(n);
    this.run();
  }

  cancel(): void {
    this.to = undefined;
  }

  protected refuse(n: number): void {
    this.fail(new RangeError(`rule 3.9: ${n}`));
  }

  protected add(n: number): void {
    this.wanted += n;
  }

  protected run(): void {
    if (this.busy) return;
    this.busy = true;
    while (this.to && this.wanted > 0 && this.sent < this.count) {
      this.wanted--;
      this.send();
    }
    this.busy = false;
    if (this.sent < this.count) return;
    if (this.error) this.fail(this.error);
    else this.complete();
  }

  protected send(): void {
    const to = this.to;
    try {
      to?.onNext(++this.sent);
    } catch (error) {
      this.cancel();
      throwError(() => error).subscribe();
    }
  }

  protected fail(error: unknown): void {
    const to = this.to;
    this.to = undefined;
    to?.onError(error);
  }

  protected complete(): void {
    const to = this.to;
    this.to = undefined;
    to?.onComplete();
  }
}
