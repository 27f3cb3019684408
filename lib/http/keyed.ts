import type { FlowSubscriber, Publisher } from '../core/demand.js';
import { FLOW, Flow, isFlow } from '../core/flow.js';
import { Relay } from '../core/policy/relay.js';
import { waitingPublisher } from '../core/waiting.js';
import type { ApiEvent } from './answer-types.js';
import { layerOf } from './layers.js';
import type { ApiRequest, Handler, Layer, Policy } from './types.js';

/** Keys remembered while nothing runs under them. */
const MOST_IDLE = 1024;

interface Entry {
  readonly key: string;
  readonly layer: Layer;
  active: number;
}

/** The layers of all keys: those in use, and some that were. */
class Keys {
  readonly #keyOf: (request: ApiRequest) => string;
  readonly #make: (key: string) => Layer | Policy;
  readonly #busy = new Map<string, Entry>();
  readonly #idle = new Map<string, Entry>();

  constructor(keyOf: (request: ApiRequest) => string, make: (key: string) => Layer | Policy) {
    this.#keyOf = keyOf;
    this.#make = make;
  }

  enter(request: ApiRequest): Entry {
    const key = this.#keyOf(request);
    let entry = this.#busy.get(key);
    if (!entry) {
      entry = this.#idle.get(key) ?? { key, layer: layerOf(this.#make(key)), active: 0 };
      this.#idle.delete(key);
      this.#busy.set(key, entry);
    }
    entry.active++;
    return entry;
  }

  leave(entry: Entry): void {
    if (--entry.active > 0) return;
    this.#busy.delete(entry.key);
    this.#idle.set(entry.key, entry);
    // A Map keeps the order of insertion: its first key has been idle for longest.
    if (this.#idle.size > MOST_IDLE) this.#idle.delete(this.#idle.keys().next().value!);
  }
}

/** In place of a source that is known only when it is subscribed to. */
const LATER: Publisher<never> = { subscribe: () => undefined };

/** A request that runs through the layer of its key. */
class KeyedRun extends Relay<ApiEvent<unknown>> {
  readonly #keys: Keys;
  readonly #request: ApiRequest;
  readonly #next: Handler;
  #entry: Entry | undefined;

  constructor(keys: Keys, request: ApiRequest, next: Handler, to: FlowSubscriber<ApiEvent<unknown>>) {
    super(LATER, to);
    this.#keys = keys;
    this.#request = request;
    this.#next = next;
  }

  protected override begin(): void {
    try {
      this.#entry = this.#keys.enter(this.#request);
      const events = this.#entry.layer(this.#request, this.#next);
      (isFlow(events) ? events[FLOW] : waitingPublisher(events)).subscribe(this);
    } catch (error) {
      this.stop(error);
    }
  }

  protected override over(): void {
    if (this.#entry) this.#keys.leave(this.#entry);
  }
}

/** A Flow, so that policies inside and around it ask each other, without an Observable in between. */
function keyed(keyOf: (request: ApiRequest) => string, make: (key: string) => Layer | Policy): Layer {
  const keys = new Keys(keyOf, make);
  return (request, next) => new Flow({ subscribe: (to) => new KeyedRun(keys, request, next, to).start() });
}

/** The scheme, host and port of an absolute URL. */
const originOf = (url: string): string => /^[^:]*:\/\/[^/?]*/.exec(url)?.[0] ?? url;

/**
 * One layer per origin: a breaker or limiter of its own for each server.
 *
 * @param make - called with the origin, such as `https://api.example.com`; up to 1,024 idle ones are kept
 */
export function perOrigin(make: (origin: string) => Layer | Policy): Layer {
  let latest = '';
  // Most clients have one origin: to see that it is the same takes 50 ns, to find it anew 300.
  const keyOf = ({ url }: ApiRequest): string => {
    if (latest === '' || url[latest.length] !== '/' || !url.startsWith(latest)) latest = originOf(url);
    return latest;
  };
  return keyed(keyOf, make);
}

/**
 * One layer per route: method, origin and the path's template as the caller wrote it.
 *
 * @param make - called with a key such as `GET https://api.example.com /users/{id}`; up to 1,024 idle ones are kept
 */
export function perRoute(make: (route: string) => Layer | Policy): Layer {
  return keyed((request) => `${request.method} ${originOf(request.url)} ${request.route}`, make);
}
