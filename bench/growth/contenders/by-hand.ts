import { Observable } from 'rxjs';

import type { Merge } from '../shapes.ts';

// No operator at all: what opening and closing the streams costs by itself. It knows no bound and keeps no order.
export const merge: Merge = (items, project) =>
  new Observable((subscriber) => {
    let open = 1;
    const close = (): void => void (--open === 0 && subscriber.complete());
    const error = (reason: unknown): void => subscriber.error(reason);
    const each = (item: number): void => {
      open++;
      const stream = project(item);
      if (stream instanceof Promise) void stream.then((result) => (subscriber.next(result), close()), error);
      else stream.subscribe({ next: (result) => subscriber.next(result), error, complete: close });
    };
    items.subscribe({ next: each, error, complete: close });
  });
