import { ConfigError, type ApiError } from '../core/errors.js';
import type { TransportHandle, TransportRequest, TransportSink } from '../transport/contract.js';
import { FakeHeaders, type FakeHeadersInput } from './fake-headers.js';

/** Which request an expectation takes; what is left out matches every one. */
export interface RequestMatch {
  /** `GET` and the like, in any case. */
  readonly method?: string;
  /** The path as sent, such as `/v1/cities`; with the query where it has a `?`. */
  readonly path?: string;
  /** The whole URL. */
  readonly url?: string;
}

interface Step {
  readonly kind: 'uploaded' | 'head' | 'chunk' | 'end' | 'fail';
  readonly play: (sink: TransportSink) => void;
}

const encoder = new TextEncoder();

/** One exchange of a fake transport: shows what the client did, and answers, beforehand or later. */
export class FakeExchange {
  /** What was sent; `undefined` until the client asks. */
  request: TransportRequest | undefined;
  /** Whether the client holds the body back now. */
  paused = false;
  /** How often it has. */
  pauses = 0;
  /** Whether the client left before the end, and the reason it gave. */
  aborted = false;
  reason: unknown;
  readonly #match: RequestMatch;
  readonly #later: (run: () => void) => void;
  #steps: Step[] = [];
  #sink: TransportSink | undefined;
  #playing = false;
  #headed = false;
  #over = false;
  #stalled = false;

  /** @internal */
  constructor(match: RequestMatch, later: (run: () => void) => void) {
    this.#match = match;
    this.#later = later;
  }

  /** The whole answer: a JSON value, or a string or bytes as they are. `content-type` and `content-length` follow. */
  answer(status: number, body?: unknown, headers: FakeHeadersInput = {}): this {
    const raw = typeof body === 'string' || body instanceof Uint8Array;
    const type = raw ? 'text/plain;charset=utf-8' : 'application/json';
    const bytes = raw || body === undefined ? bytesOf(body ?? '') : bytesOf(JSON.stringify(body));
    const described = body === undefined ? {} : { 'content-type': type, 'content-length': bytes.length };
    this.head(status, { ...described, ...headers });
    if (bytes.length > 0) this.chunk(bytes);
    return this.end();
  }

  /** The start of an answer that is sent bit by bit; `chunk` and `end` follow. */
  head(status: number, headers?: FakeHeadersInput): this {
    if (this.#headed) throw this.#misused('has its head already');
    this.#headed = true;
    const head = { status, statusText: '', headers: new FakeHeaders(headers) };
    return this.#add('head', (sink) => sink.head(head));
  }

  chunk(bytes: Uint8Array | string): this {
    if (!this.#headed) throw this.#misused('has no head yet: call head(status) before chunk');
    return this.#add('chunk', (sink) => sink.chunk(bytesOf(bytes)));
  }

  end(trailers?: FakeHeadersInput): this {
    if (!this.#headed) throw this.#misused('has no head yet: call head(status) before end');
    const fields = trailers && new FakeHeaders(trailers);
    return this.#add('end', (sink) => sink.end(fields));
  }

  /** Breaks the exchange off, before the head or in the middle of the body. */
  fail(error: ApiError): this {
    return this.#add('fail', (sink) => sink.fail(error));
  }

  /** Tells how much of the request's body has left. Unit: bytes. */
  uploaded(loaded: number, total?: number): this {
    return this.#add('uploaded', (sink) => sink.uploaded(loaded, total));
  }

  /** Leaves the exchange open on purpose: `verify` does not complain. */
  stall(): this {
    this.#stalled = true;
    return this;
  }

  /** What `verify` says about it; `undefined` when all is well. @internal */
  get complaint(): string | undefined {
    if (!this.request) return `never asked for: ${this.name}`;
    return this.#over || this.aborted || this.#stalled ? undefined : `left open: ${this.name}`;
  }

  /** @internal */
  get name(): string {
    const { method, path = 'any URL', url = path } = this.#match;
    if (this.request) return `${this.request.method} ${this.request.url}`;
    return `${method?.toUpperCase() ?? 'any method'} ${url}`;
  }

  /** @internal */
  takes(request: TransportRequest): boolean {
    const { method, path, url } = this.#match;
    if (this.request) return false;
    if (method !== undefined && method.toUpperCase() !== request.method) return false;
    if (url !== undefined && url !== request.url) return false;
    return path === undefined || path === (path.includes('?') ? request.path : request.path.split('?')[0]);
  }

  /** @internal */
  open(request: TransportRequest, sink: TransportSink): TransportHandle {
    this.request = request;
    this.#playing = true; // until open has returned
    this.#later(() => {
      this.#playing = false;
      this.#sink = this.aborted ? undefined : sink;
      this.#sink?.sent();
      this.#play();
    });
    return {
      waiting: false,
      pause: () => this.#pause(),
      resume: () => this.#resume(),
      abort: (reason) => this.#abort(reason),
    };
  }

  #add(kind: Step['kind'], play: Step['play']): this {
    if (this.#over) throw this.#misused('is answered already');
    if (kind === 'end' || kind === 'fail') this.#over = true;
    this.#steps.push({ kind, play });
    this.#play();
    return this;
  }

  #play(): void {
    if (this.#playing) return;
    this.#playing = true; // a sink that answers back from within is served by this loop
    for (let step = this.#steps[0]; step && this.#sink && !this.#holds(step); step = this.#steps[0]) {
      this.#steps.shift();
      const sink = this.#sink;
      if (step.kind === 'end' || step.kind === 'fail') this.#sink = undefined;
      step.play(sink);
    }
    this.#playing = false;
  }

  #holds({ kind }: Step): boolean {
    return this.paused && (kind === 'chunk' || kind === 'end');
  }

  #pause(): void {
    if (this.paused) return;
    this.paused = true;
    this.pauses++;
  }

  #resume(): void {
    if (!this.paused) return;
    this.paused = false;
    this.#later(() => this.#play());
  }

  #abort(reason: unknown): void {
    if (this.aborted || (this.#over && this.#steps.length === 0)) return;
    this.aborted = true;
    this.reason = reason;
    this.#sink = undefined;
    this.#steps = [];
  }

  #misused(what: string): ConfigError {
    return new ConfigError('fakeTransport', `${this.name} ${what}`);
  }
}

function bytesOf(body: Uint8Array | string | unknown): Uint8Array {
  return body instanceof Uint8Array ? body : encoder.encode(String(body));
}
