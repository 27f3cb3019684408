import type { StandardSchemaV1 } from '@standard-schema/spec';

import { ConfigError } from '../core/errors.js';
import { isPlain } from '../core/options.js';
import type { OnInvalid } from './decoder.js';
import { readOnInvalid } from './on-invalid.js';
import { isStandardSchema } from './schema.js';
import type { SseKinds } from './sse-block.js';
import { SseReader } from './sse-reader.js';
import { eventSchema } from './sse-schema.js';
import type { SseData, SseDecoder, SseEvent, SseEventsOf } from './sse-types.js';

/** Settings for {@link sse}. */
export interface SseOptions {
  /**
   * What becomes of an event whose data is not JSON, or that the schema refuses: `fail` ends the stream with the error,
   * `skip` leaves the event out, `collect` leaves it out and hands the error to whoever asked for them.
   * @defaultValue 'collect'
   */
  readonly onInvalid?: OnInvalid;
}

/** What {@link sse} takes: one way to read the data of all events, or one for each event that is listed. */
export type SseInput = SseData | Readonly<Record<string, SseData>>;

interface Reading {
  readonly kinds: SseKinds;
  readonly schemaOf?: (type: string) => StandardSchemaV1 | undefined;
}

const WANTED = "'text', 'json' or a Standard Schema, or a record of event names with one of these";

function kindOf(data: unknown, field: string): 'text' | 'json' {
  if (data === 'text' || data === 'json') return data;
  if (isStandardSchema(data)) return 'json';
  throw new ConfigError(field, `give ${WANTED}`);
}

function readingOf(data: unknown): Reading {
  if (isStandardSchema(data)) return { kinds: 'json', schemaOf: () => data };
  if (!isPlain(data)) return { kinds: kindOf(data, 'sse(data)') };
  const kinds = new Map<string, 'text' | 'json'>();
  const schemas = new Map<string, StandardSchemaV1>();
  for (const [name, one] of Object.entries(data)) {
    kinds.set(name, kindOf(one, `sse(data).${name}`));
    if (isStandardSchema(one)) schemas.set(name, one);
  }
  return schemas.size > 0 ? { kinds, schemaOf: (type) => schemas.get(type) } : { kinds };
}

/**
 * Reads server-sent events (`text/event-stream`), each delivered as it arrives.
 *
 * The rules are those of the HTML Standard: lines end in LF, CR or CRLF, one byte order mark is left out, what is not
 * UTF-8 becomes U+FFFD, a block without a data field is no event, and so is one that no blank line ends. Events have
 * the members of the platform's `MessageEvent`: `type`, `data` and `lastEventId`. With a record, events that it does
 * not list are left out; `message` is the name of those that the server gave none. Data that cannot be read is a
 * `DecodeError` that names the event; its neighbours are kept. A line, or the data of an event, over
 * `limits.lineBytes` is a `LimitError` and ends the stream.
 *
 * A call that reads its body so does not connect again: `eventStream` does. Files are read with `decode`. V8 lets data
 * share memory with up to 16 kB of its neighbours: copy the few strings that you keep of many.
 *
 * @param data - how the data is read, for all events or by their name; as text by default
 * @throws ConfigError when `data` is none of these or an option is unknown
 * @see HTML Standard, "Server-sent events", sections 9.2.5 and 9.2.6
 *
 * @example
 * ```ts
 * import { sse } from 'millrace';
 *
 * const ticks = sse<{ price: number }>('json', { onInvalid: 'skip' });
 * ticks.accept; // => 'text/event-stream'
 * ticks.many; // => true
 * ```
 */
export function sse(data?: 'text', options?: SseOptions): SseDecoder<SseEvent>;
export function sse<T = unknown>(data: 'json', options?: SseOptions): SseDecoder<SseEvent<T>>;
export function sse<T>(data: StandardSchemaV1<unknown, T>, options?: SseOptions): SseDecoder<SseEvent<T>>;
export function sse<M extends Readonly<Record<string, SseData>>>(
  data: M,
  options?: SseOptions,
): SseDecoder<SseEventsOf<M>>;
export function sse(data: SseInput = 'text', options?: SseOptions): SseDecoder<unknown> {
  const { kinds, schemaOf } = readingOf(data);
  return {
    accept: 'text/event-stream',
    many: true,
    ...(schemaOf && { schema: eventSchema(schemaOf) }),
    onInvalid: readOnInvalid(options, 'sse'),
    create: (context) => new SseReader(context, kinds),
  };
}
