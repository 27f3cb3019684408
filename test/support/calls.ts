import { type MonoTypeOperatorFunction, Observable, type Subscriber } from 'rxjs';

/** A call that a test ends by hand, behind an operator; what came of it is noted. */
export class HandCall {
  /** What its subscriber was told: values, `complete`, or the error. */
  readonly told: unknown[] = [];
  #inner: Subscriber<unknown> | undefined;
  readonly #leave: () => void;

  constructor(operator: MonoTypeOperatorFunction<unknown>) {
    const source = new Observable<unknown>((inner) => {
      this.#inner = inner;
    });
    const subscription = source.pipe(operator).subscribe({
      next: (value) => this.told.push(value),
      error: (error: unknown) => this.told.push(error),
      complete: () => this.told.push('complete'),
    });
    this.#leave = () => subscription.unsubscribe();
  }

  /** Whether it was let through. */
  get isSent(): boolean {
    return this.#inner !== undefined;
  }

  next(value: unknown = 'value'): void {
    this.#inner?.next(value);
  }

  succeed(): void {
    this.#inner?.next('value');
    this.#inner?.complete();
  }

  fail(error: unknown): void {
    this.#inner?.error(error);
  }

  leave(): void {
    this.#leave();
  }
}

/** A call whose source is subscribed more than once, each time ended by hand. */
export class HandCalls {
  readonly told: unknown[] = [];
  readonly attempts: Subscriber<unknown>[] = [];
  readonly leave: () => void;

  constructor(operator: MonoTypeOperatorFunction<unknown>) {
    const source = new Observable<unknown>((attempt) => void this.attempts.push(attempt));
    const subscription = source.pipe(operator).subscribe({
      next: (value) => this.told.push(value),
      error: (error: unknown) => this.told.push(error),
      complete: () => this.told.push('complete'),
    });
    this.leave = () => subscription.unsubscribe();
  }

  /** Attempts that have neither ended nor been cancelled. */
  get running(): number {
    return this.attempts.filter(({ closed }) => !closed).length;
  }
}
