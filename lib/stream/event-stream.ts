import type { SseEvent } from '../codec/sse-types.js';
import type { Api } from '../http/api.js';
import { EventRun } from './event-run.js';
import type { EventStreamOptions, PerConnection } from './event-stream-options.js';
import { readEventStream } from './event-stream-settings.js';
import { StreamFlow } from './stream-flow.js';

/**
 * A stream of server-sent events over a client: any method, with its headers, credentials, layers, redirects, time
 * limits and size limits.
 *
 * - next: each event, no faster than it is asked for.
 * - error: when the stream cannot go on: an answer that stays what it is (most 4xx, another content type), an event
 *   that is too large, a body cut off that cannot be resumed, attempts used up; the same object where it is foreign.
 * - complete: on a 204, or when the stream came to its declared `end`.
 * - unsubscribe: closes the socket at once, cuts a wait, and starts no further attempt.
 *
 * A connection that ends, breaks or falls silent (`timeouts.idleMs`) is followed by another one that carries
 * `Last-Event-ID`, after a wait with full jitter from 500 ms to 60 s: see {@link ReconnectOptions}. Statuses 408, 425,
 * 429, 500, 502, 503 and 504 are waited out as well, with their `Retry-After`. What a server sends as `retry` is the
 * least wait. URL, query, headers and credentials are made anew for each attempt.
 *
 * @param api - the client
 * @param path - joined below its `baseUrl`, or a function that gives the path for each connection
 * @param options - see {@link EventStreamOptions}
 * @returns a Flow of events; `events()` tells how the connection is doing
 * @throws ConfigError when an option is wrong
 * @see HTML Standard, "Server-sent events"
 *
 * @example
 * ```ts
 * import { createApi, eventStream, sse } from 'millrace';
 * import { firstValueFrom } from 'rxjs';
 *
 * const api = createApi({ baseUrl: 'https://api.example.com' });
 * const tick$ = eventStream(api, '/ticks', { as: sse<{ price: number }>('json') });
 * const tick = await firstValueFrom(tick$);
 * tick.data.price; // => 101.5
 * ```
 */
export function eventStream<T extends SseEvent<unknown> = SseEvent>(
  api: Api,
  path: PerConnection<string>,
  options: EventStreamOptions<T> = {},
): StreamFlow<T> {
  const settings = readEventStream<T>(api, path, options);
  return new StreamFlow((to, tell) => new EventRun(settings, to, tell).start());
}
