import type { FlowSubscriber, Publisher } from '../core/demand.js';
import { FLOW } from '../core/flow.js';
import { uuid } from '../core/random.js';
import { CLIENT } from '../http/api.js';
import { transportOf } from '../http/client.js';
import { mergeHeaders, readHeaders } from '../http/headers.js';
import { type Asked, askAnew } from './ask-anew.js';
import type { EventDecoder, EventOwner } from './event-decoder.js';
import type { EventConnection } from './event-stream-options.js';
import type { EventStreamSettings } from './event-stream-settings.js';
import { idField } from './last-event-id.js';

/** The run that opens connections. */
export interface EventSubscriber<T> extends FlowSubscriber<T>, EventOwner {
  /** It has left, perhaps while the caller's functions were waited for. */
  readonly isOver: boolean;
  /** Makes the decoder of the next connection. */
  decoder(): EventDecoder<T>;
}

/** The connections of one run, one for each subscription: each asks anew what it is to ask for. */
export class EventConnector<T> implements Publisher<T> {
  readonly #settings: EventStreamSettings<T>;
  readonly #key: string | true | undefined;

  constructor(settings: EventStreamSettings<T>) {
    const { idempotencyKey } = settings.call;
    this.#settings = settings;
    // All connections of a run are one request.
    this.#key = idempotencyKey === true ? uuid() : idempotencyKey;
  }

  subscribe(run: EventSubscriber<T>): void {
    const { path, query, headers } = this.#settings;
    const connection: EventConnection = { attempt: run.attempt, lastEventId: run.cursor };
    const fail = (error: unknown): void => {
      if (!run.isOver) run.onError(error);
    };
    const open = (asked: Asked): void => {
      if (!run.isOver) this.#open(asked, run);
    };
    askAnew([path, query, headers], connection, open, fail);
  }

  #open([path, query, headers]: Asked, run: EventSubscriber<T>): void {
    const { api, method, call } = this.#settings;
    const { rawHeaders } = transportOf(api[CLIENT]).capabilities;
    const id = idField(run.cursor);
    // Browsers are told by `cache`: a field of our own would need a preflight on another origin.
    const own = rawHeaders ? ['cache-control', 'no-cache'] : [];
    const given = mergeHeaders(own, readHeaders(headers, 'headers'));
    const fields = id === undefined ? given : mergeHeaders(given, ['last-event-id', id]);
    const options = {
      ...call,
      ...(!rawHeaders && { cache: call.cache ?? 'no-store' }),
      ...(this.#key !== undefined && { idempotencyKey: this.#key }),
      ...(query !== undefined && { query }),
      headers: fields.flatMap((name, i) => (i % 2 === 0 ? [[name, fields[i + 1]!] as const] : [])),
      as: run.decoder(),
      retry: false as const,
    };
    api.request<T>(method, path, options)[FLOW].subscribe(run);
  }
}
