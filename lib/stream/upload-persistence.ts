import { StatusError } from '../core/answer-errors.js';
import { ConfigError } from '../core/errors.js';
import { type ConnectionRules, Connections } from './connections.js';
import type { TellTransfer } from './transfer-events.js';
import { explained, isGone } from './upload-dialect.js';
import type { UploadExchange } from './upload-exchange.js';
import type { UploadPart } from './upload-part.js';
import type { ByteSource } from './upload-stream.js';

/** Uploads that vanish again and again: more are not created. */
const MOST_RESTARTS = 3;

/** Statuses of an upload that pass: locked by another request (not of the standard), and a chunk that came damaged. */
const PASSING = new Set([409, 423, 460]);

/** Does one thing of an upload until it succeeds, or until there is no point in it. */
export class Persistence {
  readonly #rules: ConnectionRules;
  readonly #exchange: UploadExchange;
  readonly #connections: Connections<number>;
  #restarts = 0;
  /** Where the server last said that an offset was not its own. */
  #conflictAt = -1;
  #gap: { readonly cause: unknown } | undefined;

  constructor(
    rules: ConnectionRules,
    exchange: UploadExchange,
    tell: TellTransfer<number> | undefined,
    cursor: () => number | undefined,
  ) {
    this.#rules = rules;
    this.#exchange = exchange;
    this.#connections = new Connections(rules, 'upload', tell, cursor);
    exchange.signal.addEventListener('abort', () => this.#connections.cancel());
  }

  get attempt(): number {
    return this.#connections.attempt;
  }

  /** The server is ready for bytes. */
  opened(): void {
    this.#connections.opened(this.#exchange.origin);
    const gap = this.#gap;
    this.#gap = undefined;
    if (gap) this.#connections.gap(gap.cause);
  }

  /** Bytes have arrived. */
  heard(): void {
    this.#connections.heard();
  }

  /** @param part - the resource it is about, where it is about one */
  async until<T>(act: () => Promise<T>, part?: UploadPart, source?: ByteSource): Promise<T> {
    for (;;) {
      this.#connections.connecting();
      try {
        return await act();
      } catch (error) {
        if (this.#exchange.signal.aborted) throw error;
        this.#connections.lost(error);
        if (part?.url !== undefined && isGone(error)) await this.#beginAnew(error, part, source);
        else if (this.#isFirstConflict(error, part)) continue;
        else if (!this.#mayPass(error)) throw explained(error);
        await this.#pause(error);
      }
    }
  }

  #mayPass(error: unknown): boolean {
    return (error instanceof StatusError && PASSING.has(error.status)) || this.#rules.reconnect.when(error);
  }

  /** The server's offset is another one: it is asked for without a wait, but only once at the same place. */
  #isFirstConflict(error: unknown, part: UploadPart | undefined): boolean {
    if (!part || !(error instanceof StatusError) || error.status !== 409) return false;
    const isFirst = this.#conflictAt !== part.offset;
    this.#conflictAt = part.offset;
    return isFirst && this.#rules.reconnect.attempts > 1;
  }

  async #beginAnew(error: unknown, part: UploadPart, source: ByteSource | undefined): Promise<void> {
    if (++this.#restarts > MOST_RESTARTS) throw error;
    if (!source?.canSeek && part.offset > 0) {
      const what = 'the server no longer has the upload, and the source cannot begin anew';
      throw new ConfigError('upload.source', `${what}: pass a function (offset) => stream`, { cause: error });
    }
    this.#gap = { cause: error };
    await part.forget();
  }

  #pause(cause: unknown): Promise<void> {
    return new Promise((resolve, reject) => {
      if (!this.#connections.wait(cause, this.#exchange.origin, resolve)) reject(explained(cause) as Error);
    });
  }
}
