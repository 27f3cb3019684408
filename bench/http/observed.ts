import type { Done } from './client.ts';

interface Observer {
  next(value: unknown): void;
  error(error: unknown): void;
  complete(): void;
}

/** Subscribes to a call, and is done when it completes. */
export function read(call: { subscribe(observer: Observer): unknown }, done: Done): void {
  let last: unknown;
  call.subscribe({
    next: (value) => (last = value),
    error: (error) => done(error ?? new Error('failed')),
    complete: () => done(undefined, last),
  });
}
