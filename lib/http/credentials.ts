import type { Observable } from 'rxjs';

import type { Hop } from '../transport/contract.js';
import { withQuery } from './url.js';

/** A credential bound to origins. Made by `bearer`, `basic`, `apiKey` and `xsrf`. */
export interface Auth {
  /** The header field (in lower case) or query parameter it sets. */
  readonly name: string;
  readonly in: 'header' | 'query';
  /** The origins it may be sent to; the origin of `baseUrl` when left out; `any` where `value` decides. */
  readonly origins: readonly string[] | 'any' | undefined;
  /** What to send on a hop; `undefined` sends nothing, `null` means that it must be fetched first. */
  value(method: string, origin: string): string | null | undefined;
  /** Fetches a value once for all that wait: the first one, or one to replace `stale`. */
  readonly fetch: ((stale: string | undefined) => Observable<unknown>) | undefined;
  /**
   * Puts a client's credentials on the hops of an attempt: brought along, so that a client without any has none of it.
   *
   * @internal
   */
  readonly credentials: (all: readonly Auth[]) => Credentials;
}

/** A hop as it is sent. */
export interface AuthorisedHop extends Hop {
  /** It carries a credential that a platform would carry along on a redirect that it follows by itself. */
  readonly sticky?: boolean;
}

/** Fetches a credential; it completes when the hop can be sent, with {@link Credentials.apply} anew. */
export type Renewal = () => Observable<unknown>;

/** The credentials of one attempt. */
export class Credentials {
  readonly #all: readonly Auth[];
  /** The one of the last hop that a 401 may renew. */
  #renewal: Renewal | undefined;
  #renewed = false;

  constructor(all: readonly Auth[]) {
    this.#all = all;
  }

  /** Puts on a hop what belongs to its origin, or says what must be fetched before it can be sent. */
  apply(hop: Hop): AuthorisedHop | Renewal {
    let { headers, target } = hop;
    let sticky = false;
    this.#renewal = undefined;
    for (const { name, in: place, origins, value: valueOf, fetch } of this.#all) {
      if (origins !== 'any' && !origins?.includes(target.origin)) continue;
      const value = valueOf(hop.method, target.origin);
      if (value === null) return () => fetch!(undefined);
      if (value === undefined) continue;
      if (place === 'query') {
        target = withQuery(target, `${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
      } else headers = [...headers.filter((_, i) => headers[i & ~1] !== name), name, value];
      const renew = fetch && (() => fetch(value));
      if (renew) this.#renewal = renew;
      sticky ||= name !== 'authorization';
    }
    return { ...hop, headers, target, sticky };
  }

  /** What a 401 asks for: once in an attempt, where the credential that was sent can be fetched anew. */
  renewal(): Renewal | undefined {
    const renewal = this.#renewed ? undefined : this.#renewal;
    this.#renewed ||= renewal !== undefined;
    return renewal;
  }
}
