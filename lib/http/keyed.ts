import { Observable } from 'rxjs';

import type { ApiEvent } from './answer-types.js';
import { layerOf } from './layers.js';
import type { ApiRequest, Layer, Policy } from './types.js';

/** Keys remembered while nothing runs under them. */
const MOST_IDLE = 1024;

interface Entry {
  readonly layer: Layer;
  active: number;
}

function keyed(keyOf: (request: ApiRequest) => string, make: (key: string) => Layer | Policy): Layer {
  const busy = new Map<string, Entry>();
  const idle = new Map<string, Entry>();

  const enter = (key: string): Entry => {
    let entry = busy.get(key);
    if (!entry) {
      entry = idle.get(key) ?? { layer: layerOf(make(key)), active: 0 };
      idle.delete(key);
      busy.set(key, entry);
    }
    entry.active++;
    return entry;
  };
  const leave = (key: string, entry: Entry): void => {
    if (--entry.active > 0) return;
    busy.delete(key);
    idle.set(key, entry);
    // A Map keeps the order of insertion: its first key has been idle for longest.
    if (idle.size > MOST_IDLE) idle.delete(idle.keys().next().value!);
  };

  return (request, next) =>
    new Observable<ApiEvent<unknown>>((subscriber) => {
      const key = keyOf(request);
      const entry = enter(key);
      subscriber.add(() => leave(key, entry));
      return entry.layer(request, next).subscribe(subscriber);
    });
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
