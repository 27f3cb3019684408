import { DecodeError, SchemaError, type SchemaIssue } from '../core/answer-errors.js';
import type { ApiError } from '../core/errors.js';
import { oneLine } from '../core/one-line.js';
import { overrun, pushOver } from '../core/overflow.js';
import { Ring } from '../core/ring.js';
import type { SocketData } from './socket-contract.js';
import type { SocketSettings } from './socket-settings.js';

/** Who gets the messages. */
export interface InboundOwner {
  readonly canPause: boolean;
  deliver(value: unknown): void;
  /** A message that cannot be used, and that is only told of. */
  invalid(error: ApiError): void;
  /** Nothing can go on. */
  broken(error: unknown): void;
  /** Messages wait for a schema that takes its time, or no longer. */
  checking(waits: boolean): void;
}

type Checked = { readonly issues?: readonly SchemaIssue[] | undefined; readonly value?: unknown };

/** Makes values of messages: decodes them and checks each against the schema, in order. */
export class Inbound {
  readonly #settings: SocketSettings;
  readonly #owner: InboundOwner;
  #waiting: Ring<SocketData> | undefined;
  #isChecking = false;
  #closed = false;
  #count = 0;

  constructor(settings: SocketSettings, owner: InboundOwner) {
    this.#settings = settings;
    this.#owner = owner;
  }

  push(data: SocketData): void {
    if (this.#isChecking) return this.#hold(data);
    try {
      this.#read(data);
    } catch (error) {
      this.#break(error);
    }
  }

  close(): void {
    this.#closed = true;
    this.#waiting = undefined;
  }

  #read(data: SocketData): void {
    const { codec, schema, heartbeat } = this.#settings;
    this.#count++;
    let value: unknown;
    try {
      value = codec.decode(data);
    } catch (error) {
      return this.#refuse(unreadable(error, this.#count));
    }
    if (heartbeat.isPong?.(value)) return;
    if (!schema) return this.#owner.deliver(value);
    const result = schema['~standard'].validate(value);
    if ('then' in result) this.#await(result);
    else this.#settle(result);
  }

  #settle(result: Checked): void {
    if (!result.issues) return this.#owner.deliver(result.value);
    const first = result.issues[0]?.message ?? 'no issue given';
    this.#refuse(new SchemaError(`message ${this.#count} does not match the schema: ${first}`, result.issues));
  }

  #await(result: PromiseLike<Checked>): void {
    this.#isChecking = true;
    this.#owner.checking(true);
    const go = (settle: () => void): void => {
      if (this.#closed) return;
      this.#isChecking = false;
      try {
        settle();
        while (!this.#isChecking && this.#waiting?.length) this.#read(this.#waiting.shift()!);
      } catch (error) {
        return this.#break(error);
      }
      if (!this.#isChecking && !this.#closed) this.#owner.checking(false);
    };
    result.then(
      (checked) => go(() => this.#settle(checked)),
      (error: unknown) => go(() => this.#break(error)),
    );
  }

  #hold(data: SocketData): void {
    const { room } = this.#settings;
    const waiting = (this.#waiting ??= new Ring());
    const holdsBack = room.overflow === 'error' && this.#owner.canPause;
    if (holdsBack || waiting.length < room.capacity) waiting.push(data);
    else if (!pushOver(waiting, data, room.overflow)) this.#break(overrun(room, 'webSocket.schema'));
  }

  /** A message that cannot be used: its neighbours still count, unless the caller said otherwise. */
  #refuse(error: ApiError): void {
    const { onInvalid } = this.#settings;
    if (onInvalid === 'fail') this.#break(error);
    else if (onInvalid === 'collect') this.#owner.invalid(error);
  }

  #break(error: unknown): void {
    if (this.#closed) return;
    this.close();
    this.#owner.broken(error);
  }
}

function unreadable(error: unknown, count: number): DecodeError {
  const why = error instanceof Error ? error.message : 'the codec threw';
  return new DecodeError(oneLine(`message ${count} cannot be read: ${why}`, 300), count, { cause: error });
}
