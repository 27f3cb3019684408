import type { Decoder, DecoderRun } from '../codec/decoder.js';
import { invalidRecords, MOST_INVALID } from '../codec/on-invalid.js';
import { isStandardSchema } from '../codec/schema.js';
import { SchemaError, type SchemaIssue } from '../core/answer-errors.js';
import { type ApiError } from '../core/errors.js';
import type { Head, Limits } from '../core/wire.js';

/** What a reader tells of a body. */
export interface BodyOwner {
  wanted(): boolean;
  value(value: unknown): void;
  /** Holds the bytes back, or lets them come again. */
  flow(open: boolean): void;
  done(): void;
  failed(error: unknown): void;
}

type Checked = { readonly issues?: readonly SchemaIssue[] | undefined; readonly value?: unknown };

/** Turns a body's bytes into values, no faster than they are wanted, and checks each against the schema. */
export class BodyReader {
  readonly #decoder: Decoder<unknown>;
  readonly #run: DecoderRun<unknown>;
  readonly #schema: Decoder<unknown>['schema'];
  readonly #to: BodyOwner;
  #invalid: ApiError[] | undefined;
  /** A value decoded ahead, to tell the end of the body from a pause. */
  #held: { readonly value: unknown } | undefined;
  #busy = false;
  #checking = false;
  #ended = false;
  #closed = false;
  #record = 0;

  constructor(decoder: Decoder<unknown>, head: Head, limits: Limits, to: BodyOwner) {
    this.#decoder = decoder;
    // Asked what it is, so that it is not one of a polluted prototype.
    this.#schema = isStandardSchema(decoder.schema) ? decoder.schema : undefined;
    this.#to = to;
    this.#run = decoder.create(
      decoder.many ? { head, limits, invalid: (error) => this.#refuse(error) } : { head, limits },
    );
  }

  push(bytes: Uint8Array): void {
    if (this.#closed) return;
    try {
      this.#run.push(bytes);
    } catch (error) {
      return this.#fail(error);
    }
    if (this.#decoder.many) this.resume();
  }

  end(): void {
    if (this.#closed) return;
    try {
      this.#run.end();
    } catch (error) {
      return this.#fail(error);
    }
    this.#ended = true;
    this.resume();
  }

  close(): void {
    this.#closed = true;
  }

  /** Delivers what is wanted. Does nothing while it is at it, so that a request inside `onNext` does not recurse. */
  resume(): void {
    if (this.#busy || this.#checking || this.#closed) return;
    this.#busy = true;
    try {
      this.#deliver();
    } catch (error) {
      this.#fail(error);
    }
    this.#busy = false;
  }

  #deliver(): void {
    if (this.#held && this.#to.wanted()) {
      const { value } = this.#held;
      this.#held = undefined;
      this.#emit(value);
    }
    if (!this.#held && this.#to.wanted() && !this.#checking) this.#run.read(this.#emit);
    if (this.#closed || this.#checking) return;
    if (this.#to.wanted()) {
      if (this.#ended) this.#finish();
      else this.#to.flow(true);
      return;
    }
    if (!this.#ended) return this.#to.flow(false);
    if (!this.#held) this.#hold();
    if (!this.#held) this.#finish();
  }

  #hold(): void {
    this.#run.read((value) => {
      this.#held = { value };
      return false;
    });
  }

  readonly #emit = (value: unknown): boolean => {
    this.#record++;
    const schema = this.#schema;
    if (!schema) this.#to.value(value);
    else {
      const result = schema['~standard'].validate(value);
      if ('then' in result) return this.#await(result);
      this.#settle(result);
    }
    return !this.#closed && this.#to.wanted();
  };

  #await(result: PromiseLike<Checked>): false {
    this.#checking = true;
    if (this.#decoder.many) this.#to.flow(false);
    const go = (settle: () => void): void => {
      this.#checking = false;
      if (this.#closed) return;
      // What is asked for within the value comes after it.
      this.#busy = true;
      try {
        settle();
      } catch (error) {
        this.#fail(error);
      }
      this.#busy = false;
      this.resume();
    };
    result.then(
      (checked) => go(() => this.#settle(checked)),
      (error: unknown) => go(() => this.#fail(error)),
    );
    return false;
  }

  #settle(result: Checked): void {
    if (!result.issues) return this.#to.value(result.value);
    const { many } = this.#decoder;
    const first = result.issues[0]?.message ?? 'no issue given';
    const error = new SchemaError(
      `${many ? `record ${this.#record}` : 'the body'} does not match the schema: ${first}`,
      result.issues,
    );
    if (!many) throw error;
    this.#refuse(error);
  }

  /** A record that cannot be used: its neighbours still count, unless the caller said otherwise. */
  #refuse(error: ApiError): void {
    const { onInvalid = 'collect' } = this.#decoder;
    if (onInvalid === 'skip') return;
    if (onInvalid === 'fail') throw error;
    const invalid = (this.#invalid ??= []);
    invalid.push(error);
    if (invalid.length >= MOST_INVALID) throw invalidRecords(invalid);
  }

  #finish(): void {
    if (this.#invalid) throw invalidRecords(this.#invalid);
    this.#closed = true;
    this.#to.done();
  }

  #fail(error: unknown): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#to.failed(error);
  }
}
