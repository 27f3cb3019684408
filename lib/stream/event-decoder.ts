import type { StandardSchemaV1 } from '@standard-schema/spec';

import type { Decoder, DecoderContext, DecoderRun } from '../codec/decoder.js';
import { isStandardSchema } from '../codec/schema.js';
import type { SseDecoder, SseEvent, SseRun } from '../codec/sse-types.js';
import { ProtocolError, SchemaError } from '../core/answer-errors.js';
import type { ApiError } from '../core/errors.js';

type Event = SseEvent<unknown>;
type Result = StandardSchemaV1.Result<Event>;

/** What one connection asks and tells the run that opened it. */
export interface EventOwner {
  /** Which connection this is, counted from 1. */
  readonly attempt: number;
  /** The id to go on behind. */
  readonly cursor: string;
  /** The server accepted the connection; or said, with a 204, that there is nothing more to come. */
  opened(isLast: boolean): void;
  /** Up to this id nothing is owed to the subscriber. */
  passed(lastEventId: string): void;
  retry(ms: number): void;
  refused(error: ApiError): void;
  terminated(): void;
}

const NOTHING: DecoderRun<never> = { push: () => undefined, end: () => undefined, read: () => undefined };
const EVENT_STREAM = /^\s*text\/event-stream\s*(;|$)/i;

/** The decoder of one connection: the caller's, with its hooks, behind a look at the head of the answer. */
export class EventDecoder<T> implements Decoder<T> {
  readonly accept = 'text/event-stream';
  readonly many = true;
  readonly onInvalid: 'fail' | 'skip';
  readonly schema?: StandardSchemaV1<unknown, T>;
  readonly #as: SseDecoder<T>;
  readonly #terminator: string | undefined;
  readonly #owner: EventOwner;
  #run: SseRun<T> | undefined;
  /** The connection is over: a schema may settle still, and must not move the cursor of the next one. */
  isLeft = false;

  constructor(as: SseDecoder<T>, terminator: string | undefined, owner: EventOwner) {
    this.#as = as;
    this.#terminator = terminator;
    this.#owner = owner;
    const { schema, onInvalid } = as;
    // What is left out is told to the run at once, which lives longer than the body.
    this.onInvalid = onInvalid === 'fail' ? 'fail' : 'skip';
    if (isStandardSchema(schema)) this.schema = this.onInvalid === 'fail' ? schema : this.#watched(schema);
  }

  /** Whether the body has ended within an event. */
  get isWithin(): boolean {
    return this.#run?.isWithin ?? false;
  }

  /** @throws ProtocolError when the answer is no stream of events */
  create(context: DecoderContext): DecoderRun<T> {
    const { status = 200, headers } = context.head ?? {};
    if (status === 204) {
      this.#owner.opened(true);
      return NOTHING;
    }
    const type = headers?.get('content-type') ?? '';
    if (status !== 200 || !EVENT_STREAM.test(type)) {
      const got = status === 200 ? `content type ${type.slice(0, 60) || '(none)'}` : `status ${status}`;
      throw new ProtocolError(`no stream of events: ${got}; 200 and text/event-stream are wanted`, {
        transient: false,
      });
    }
    const owner = this.#owner;
    owner.opened(false);
    this.#run = this.#as.create({
      ...context,
      lastEventId: owner.cursor,
      terminator: this.#terminator,
      id: (id) => owner.passed(id),
      retry: (ms) => owner.retry(ms),
      terminated: () => owner.terminated(),
      invalid: (error) => (this.onInvalid === 'fail' ? context.invalid?.(error) : owner.refused(error)),
    });
    return this.#run;
  }

  #watched(schema: StandardSchemaV1<unknown, T>): StandardSchemaV1<unknown, T> {
    const note = (value: unknown, result: StandardSchemaV1.Result<T>): StandardSchemaV1.Result<T> => {
      if (result.issues) this.#refuse(value as Event, result.issues);
      return result;
    };
    const validate = (value: unknown): StandardSchemaV1.Result<T> | Promise<StandardSchemaV1.Result<T>> => {
      const result = schema['~standard'].validate(value);
      return 'then' in result ? result.then((settled) => note(value, settled)) : note(value, result);
    };
    return { '~standard': { ...schema['~standard'], validate } };
  }

  #refuse({ type, lastEventId }: Event, issues: NonNullable<Result['issues']>): void {
    if (this.isLeft) return;
    const first = issues[0]?.message ?? 'no issue given';
    this.#owner.refused(new SchemaError(`event ${type} does not match the schema: ${first}`, issues));
    this.#owner.passed(lastEventId);
  }
}
