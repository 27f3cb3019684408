import type { Buffer } from 'node:buffer';

import { LimitError } from '../core/answer-errors.js';
import type { ApiError } from '../core/errors.js';
import type { HeadersView } from '../core/wire.js';
import type { TransportRequest, TransportSink } from './contract.js';
import { Decoding, type DecodingTarget } from './decompress.js';
import { Delivery } from './delivery.js';
import { dispatchOf, type Line, type LineHandler } from './line.js';
import { type Stage, transportError } from './network-errors.js';
import { RawHeaders } from './raw-headers.js';
import { Upload } from './upload.js';

/** Answers that have no body, or a part of one, which cannot be decoded on its own. */
const UNCODED = [204, 205, 206, 304];

/** Who gave the line, and takes it back. */
export interface Carrier {
  /** The exchange is over, or left the queue. `sound`: its line may carry the next one. */
  leave(exchange: Exchange, sound: boolean): void;
}

/**
 * One exchange: at once undici's handler (its older interface, which leaves header fields raw) and our handle.
 *
 * One object and no closures per exchange: 28 us of CPU a call where an object graph of promises and streams
 * (`undici.request`) takes 68.
 */
export class Exchange extends Delivery implements DecodingTarget, LineHandler {
  readonly request: TransportRequest;
  line: Line | undefined;
  readonly #carrier: Carrier;
  #entered = true;
  #stage: Stage = 'connect';
  #abort: (() => void) | undefined;
  #resume: (() => void) | undefined;
  #upload: Upload | undefined;
  #decoding: Decoding | undefined;
  #trailers: HeadersView | undefined;
  #loaded = 0;
  #headers: RawHeaders | undefined;

  constructor(request: TransportRequest, sink: TransportSink, carrier: Carrier) {
    super(sink);
    this.request = request;
    this.#carrier = carrier;
  }

  /** A line is ours: the request may leave. */
  begin(line: Line): void {
    this.line = line;
    if (this.waiting) this.assigned();
    if (!this.live) return;
    const { origin, limits } = this.request;
    try {
      const dispatch = dispatchOf(this.request);
      if (dispatch.body instanceof Upload) this.#upload = dispatch.body;
      line.dispatch(dispatch, this);
    } catch (error) {
      this.fail(transportError(error, this.#stage, origin, limits.headerBytes));
    }
  }

  /** Fails before anything was sent. */
  refuse(error: ApiError): void {
    this.fail(error);
  }

  // ---- undici's side ----

  onConnect(abort: () => void): void {
    if (!this.live) return abort();
    this.#abort = abort;
    this.#stage = 'send';
    this.sent();
  }

  onBodySent(chunk: Uint8Array): void {
    if (!this.request.uploadProgress) return;
    this.#loaded += chunk.length;
    if (this.#upload) return this.uploaded(this.#loaded, this.#upload.bytes);
    // Later: undici is in the middle of its write, and to be aborted there makes it fail an assertion.
    queueMicrotask(() => this.uploaded(this.#loaded, this.#loaded));
  }

  onRequestSent(): void {
    if (this.#stage === 'send') this.#stage = 'receive';
  }

  onHeaders(status: number, raw: readonly Buffer[], resume: () => void, statusText: string): boolean {
    if (status < 200 || !this.live) return true;
    this.#resume = resume;
    this.#stage = 'body';
    const { limits } = this.request;
    const fields = new RawHeaders(raw);
    if (fields.bytes > limits.headerBytes) {
      const said = `the head of the answer from ${this.request.origin} is too large`;
      this.fail(new LimitError('headerBytes', limits.headerBytes, said));
      return false;
    }
    if (fields.codings !== '' && !this.#decode(status, fields.codings)) return false;
    this.#headers = fields;
    this.head({ status, statusText: statusText ?? '', headers: fields });
    return this.#decoding !== undefined || this.#take(this.flowing);
  }

  onData(chunk: Buffer): boolean {
    // undici reads on after a pause with an empty piece.
    if (chunk.length === 0) return this.#take(this.flowing);
    if (this.#decoding) return this.#take(this.#decoding.write(chunk));
    this.chunk(chunk);
    return this.#take(this.flowing);
  }

  onComplete(trailers: readonly Buffer[] | null): void {
    this.#resume = undefined;
    // undici takes a body without a length for complete however its connection ended.
    const { line } = this;
    if (line?.broken && !this.#headers?.framed) return this.onError(line.broken);
    // Given back first, so that a call made inside `end` takes the connection that is still warm.
    this.#leave(true);
    this.#trailers = trailers && trailers.length > 0 ? new RawHeaders(trailers) : undefined;
    if (this.#decoding) this.#decoding.end();
    else this.end(this.#trailers);
  }

  onError(error: unknown): void {
    this.#resume = undefined;
    if (!this.live) return;
    const { origin, limits } = this.request;
    const own = this.#upload?.failure;
    this.fail(own ? (own.error as ApiError) : transportError(error, this.#stage, origin, limits.headerBytes));
  }

  // ---- the decoders' side ----

  decoded(bytes: Uint8Array): void {
    this.chunk(bytes);
  }

  decodedAll(): void {
    this.end(this.#trailers);
  }

  decodedBadly(error: ApiError): void {
    this.fail(error);
  }

  drained(): void {
    if (!this.#entered) return;
    if (this.line?.flow) this.line.flow();
    else this.#resume?.();
  }

  // ---- the consumer's side ----

  protected override flow(): void {
    if (this.#decoding) this.#decoding.resume();
    else this.drained();
  }

  protected override stop(): void {
    if (this.#decoding) this.#decoding.pause();
    else if (this.#stage === 'body' && this.#entered) this.line?.hold?.();
  }

  protected override release(): void {
    this.#decoding?.destroy();
    this.#leave(false);
  }

  #leave(sound: boolean): void {
    if (!this.#entered) return;
    this.#entered = false;
    const abort = this.#abort;
    this.#abort = undefined;
    if (!sound) abort?.();
    this.#upload?.stop();
    this.#carrier.leave(this, sound);
  }

  /** @returns what undici is told: whether to go on */
  #take(more: boolean): boolean {
    if (more || !this.line?.hold) return more;
    if (this.#entered) this.line.hold();
    return true;
  }

  /** @returns whether the exchange goes on */
  #decode(status: number, codings: string): boolean {
    if (this.request.method === 'HEAD' || UNCODED.includes(status)) return true;
    try {
      this.#decoding = Decoding.of(codings, this.request, this);
      return true;
    } catch (error) {
      this.fail(error as ApiError);
      return false;
    }
  }
}
