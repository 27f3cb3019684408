import { LimitError } from '../core/answer-errors.js';
import type { ApiError } from '../core/errors.js';
import { parseJson } from './json-text.js';
import type { SseContext } from './sse-types.js';
import { utf8Bytes } from './utf8.js';

type Kind = 'text' | 'json';
/** How the data of all events is read, or of those that are listed: the others are left out. */
export type SseKinds = Kind | ReadonlyMap<string, Kind>;

const SPACE = 32;
/** Most bytes of a UTF-16 unit: a text whose length times this is within a limit need not be measured. */
const MOST = 3;
const DIGITS = /^[0-9]+$/;

/** The fields of the event that is being read, and what becomes of it at the blank line. */
export abstract class SseBlock<T> {
  protected data: string | undefined;
  protected type = '';
  protected id: string;
  protected isOver = false;
  /** A line of so many characters may be too long. */
  protected readonly most: number;
  readonly #context: SseContext;
  readonly #kinds: SseKinds;
  readonly #terminator: string | undefined;
  readonly #limit: number;
  /** The id as of the last blank line. */
  #lastId: string;
  #dataBytes = -1;
  #count = 0;

  constructor(context: SseContext, kinds: SseKinds) {
    this.#context = context;
    this.#kinds = kinds;
    this.#terminator = context.terminator;
    this.#limit = context.limits.lineBytes;
    this.most = Math.floor(this.#limit / MOST);
    this.id = this.#lastId = context.lastEventId ?? '';
  }

  /** Reads a line that is not blank. */
  protected line(line: string): void {
    const colon = line.indexOf(':');
    if (colon === 0) return this.#context.comment?.(line.slice(line.charCodeAt(1) === SPACE ? 2 : 1));
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(line.charCodeAt(colon + 1) === SPACE ? colon + 2 : colon + 1);
    if (name === 'data') this.addData(value);
    else if (name === 'event') this.type = value;
    else if (name === 'id') this.setId(value);
    else if (name === 'retry' && DIGITS.test(value)) this.#context.retry?.(Number(value));
  }

  protected setId(value: string): void {
    if (!value.includes('\0')) this.id = value;
  }

  protected addData(value: string): void {
    if (this.data === undefined) {
      this.data = value;
      this.#dataBytes = -1;
      return;
    }
    if (this.#dataBytes < 0) this.#dataBytes = utf8Bytes(this.data);
    // Counted line by line: to measure all of it for each would take the square of the time.
    this.#dataBytes += 1 + utf8Bytes(value);
    this.data += `\n${value}`;
    if (this.#dataBytes > this.#limit) throw this.#tooLong('its data');
  }

  /** A blank line. @returns whether more is wanted */
  protected dispatch(emit: (value: T) => boolean): boolean {
    const { data, id } = this;
    if (data !== undefined) {
      this.data = undefined;
      return this.send(data, emit);
    }
    this.type = '';
    if (this.#lastId !== id) {
      this.#lastId = id;
      this.#context.id?.(id);
    }
    return true;
  }

  /** An event whose data is complete. @returns whether more is wanted */
  protected send(data: string, emit: (value: T) => boolean): boolean {
    const { type: named, id: lastEventId } = this;
    const type = named === '' ? 'message' : named;
    if (named !== '') this.type = '';
    if (this.#lastId !== lastEventId) this.#lastId = lastEventId;
    this.#count++;
    if (data === this.#terminator) {
      this.isOver = true;
      this.#context.terminated?.();
      return false;
    }
    const kinds = this.#kinds;
    if (kinds === 'text') return emit({ type, data, lastEventId } as T);
    const kind = typeof kinds === 'string' ? kinds : kinds.get(type);
    if (kind === 'text') return emit({ type, data, lastEventId } as T);
    if (kind === 'json') return this.#sendJson(type, data, emit);
    this.#context.id?.(lastEventId);
    return true;
  }

  #sendJson(type: string, text: string, emit: (value: T) => boolean): boolean {
    let data: unknown;
    try {
      data = parseJson(text, this.#count);
    } catch (error) {
      if (!this.#context.invalid) throw error;
      this.#context.invalid(error as ApiError);
      this.#context.id?.(this.id);
      return true;
    }
    return emit({ type, data, lastEventId: this.id } as T);
  }

  protected checkLine(line: string): void {
    if (line.length > this.most) this.checkBytes(utf8Bytes(line));
  }

  protected checkBytes(bytes: number): void {
    if (bytes > this.#limit) throw this.#tooLong('a line');
  }

  #tooLong(what: string): LimitError {
    return new LimitError('lineBytes', this.#limit, `event ${this.#count + 1}: ${what} is too long`);
  }
}
