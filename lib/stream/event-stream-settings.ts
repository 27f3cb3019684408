import { sse } from '../codec/sse.js';
import type { SseDecoder, SseEvent } from '../codec/sse-types.js';
import { ConfigError, type RequestSummary } from '../core/errors.js';
import { must } from '../core/must.js';
import { isPlain, readOptions } from '../core/options.js';
import { type Api, CLIENT } from '../http/api.js';
import { isSafeToRepeat } from '../http/plan-facts.js';
import { does } from '../http/settings.js';
import { redactUrl } from '../http/summary.js';
import type { AbortSignalLike, CallOptions, HeadersInput, QueryInput } from '../http/types.js';
import type { EventStreamOptions, PerConnection, StreamEnd } from './event-stream-options.js';
import { readReconnect, type ReconnectSettings } from './reconnect-options.js';

type Event = SseEvent<unknown>;

/** {@link EventStreamOptions}, read and checked; what belongs to the call, the call checks. */
export interface EventStreamSettings<T> {
  readonly api: Api;
  readonly path: PerConnection<string>;
  readonly method: string;
  readonly query: PerConnection<QueryInput> | undefined;
  readonly headers: PerConnection<HeadersInput> | undefined;
  readonly call: CallOptions<T>;
  readonly as: SseDecoder<T>;
  /** Whether a connection that has ended is followed by another one, whatever it ended with. */
  readonly isEndless: boolean;
  /** Data of the event that ends the stream. */
  readonly terminator: string | undefined;
  /** Whether an event is the last one. */
  readonly isLast: ((event: T) => boolean) | undefined;
  readonly isRepeatable: boolean;
  readonly signal: AbortSignalLike | undefined;
  /** Whose budget pays. */
  readonly origin: string;
  /** For errors that no call has made. */
  readonly summary: RequestSummary;
  readonly lastEventId: string;
  readonly reconnect: ReconnectSettings;
}

const WHERE = 'eventStream';
const CALL = 'path body idempotencyKey timeouts limits signal context cookies cache keepalive redirects'.split(' ');
const OWN = 'method query headers as end resumable lastEventId reconnect'.split(' ');

function readEnd<T>(given: StreamEnd<T> | undefined, isRepeatable: boolean): StreamEnd<T> {
  const end = given ?? (isRepeatable ? 'reconnect' : 'complete');
  const isTerminator = isPlain(end) && ['string', 'function'].includes(typeof end['terminator']);
  const be = "'reconnect', 'complete' or { terminator } with data or a function of the event";
  must(end === 'reconnect' || end === 'complete' || isTerminator, `${WHERE}.end`, be);
  if (end !== 'reconnect' || isRepeatable) return end;
  const fix = "say resumable: true if the request may be sent again, or end: 'complete'";
  throw new ConfigError(`${WHERE}.end`, `'reconnect' sends the request again; ${fix}`);
}

/** @throws ConfigError when an option is wrong */
export function readEventStream<T extends Event>(
  api: Api,
  path: PerConnection<string>,
  input: unknown,
): EventStreamSettings<T> {
  const given = readOptions(input, [...CALL, ...OWN], WHERE);
  const options = given as EventStreamOptions<T>;
  const { as = sse() as unknown as SseDecoder<T>, lastEventId = '', resumable } = options;
  const method = options.method ?? (options.body === undefined ? 'GET' : 'POST');
  must(typeof lastEventId === 'string', `${WHERE}.lastEventId`, 'a string');
  must(resumable === undefined || typeof resumable === 'boolean', `${WHERE}.resumable`, 'true or false');
  const isSignal = options.signal === undefined || does(options.signal, 'addEventListener', 'removeEventListener');
  must(isSignal, `${WHERE}.signal`, 'an AbortSignal');
  must(does(as, 'create') && as.accept === 'text/event-stream', `${WHERE}.as`, 'a decoder that sse() made');
  const isRepeatable = resumable ?? (isSafeToRepeat(method) || options.idempotencyKey !== undefined);
  const end = readEnd(options.end, isRepeatable);
  const { terminator } = typeof end === 'object' ? end : {};
  const target = typeof path === 'string' && /^https?:/i.test(path) ? path : (api[CLIENT].base?.origin ?? '');
  return {
    api,
    path,
    method,
    query: options.query,
    headers: options.headers,
    call: Object.fromEntries(CALL.filter((name) => name !== 'signal').map((name) => [name, given[name]])),
    as,
    isEndless: end === 'reconnect',
    terminator: typeof terminator === 'string' ? terminator : undefined,
    isLast: typeof terminator === 'function' ? terminator : undefined,
    isRepeatable,
    signal: options.signal,
    origin: /^https?:\/\/[^/?#]*/i.exec(target)?.[0].toLowerCase() ?? '',
    summary: { method, url: typeof path === 'string' ? redactUrl(path) : '' },
    lastEventId,
    reconnect: readReconnect(options.reconnect, `${WHERE}.reconnect`),
  };
}
