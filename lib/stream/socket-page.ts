import { filter, merge, type Observable, skip, take } from 'rxjs';

import { offline, pageHidden } from '../core/policy/page.js';

/** The page is seen again, or the network is back: what was silent meanwhile may be dead. Nothing where there is no page. */
export function pageWakes(): Observable<unknown> {
  return merge(pageHidden().pipe(skip(1)), offline().pipe(skip(1))).pipe(filter((isAway) => !isAway));
}

/** Once, when the platform does not know that it has no network: at once, as a rule. */
export function whenOnline(): Observable<unknown> {
  return offline().pipe(
    filter((isOffline) => !isOffline),
    take(1),
  );
}
