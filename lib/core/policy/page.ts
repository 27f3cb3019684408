import { distinctUntilChanged, Observable } from 'rxjs';

/** What tells of its changes by events. */
interface EventSource {
  addEventListener?(type: string, listener: () => void): void;
  removeEventListener?(type: string, listener: () => void): void;
}

/** What a page or a worker tells of itself; `globalThis` is one. */
export interface PageLike extends EventSource {
  readonly navigator?: { readonly onLine?: boolean };
  readonly document?: EventSource & { readonly visibilityState?: string };
}

// The one place that reads these globals. Structural, so that the public types need no DOM.
const here = globalThis as unknown as PageLike;

/**
 * Whether the platform knows that it has no network: now, then each change; never completes.
 *
 * Works in pages and workers. Where nothing is known of it, as in Node, it says `false` and no more. `false` does not
 * mean that a server can be reached.
 *
 * @param page - the page or worker; another one in tests
 * @see HTML Standard, "Browser state", `navigator.onLine`
 */
export function offline(page: PageLike = here): Observable<boolean> {
  return watched(page, ['online', 'offline'], () => page.navigator?.onLine === false);
}

/**
 * Whether nobody can see the page: now, then each change; never completes. Where there is no page it says `false`.
 *
 * @param page - the page; another one in tests
 * @see HTML Standard, "Page visibility"
 */
export function pageHidden(page: PageLike = here): Observable<boolean> {
  return watched(page.document ?? {}, ['visibilitychange'], () => page.document?.visibilityState === 'hidden');
}

function watched(target: EventSource, types: readonly string[], read: () => boolean): Observable<boolean> {
  return new Observable<boolean>((subscriber) => {
    const look = (): void => subscriber.next(read());
    for (const type of types) target.addEventListener?.(type, look);
    subscriber.add(() => {
      for (const type of types) target.removeEventListener?.(type, look);
    });
    look();
  }).pipe(distinctUntilChanged());
}
