import { webFailure } from '#fetch';

import { NetworkError } from '../core/errors.js';
import type { Head } from '../core/wire.js';
import { isNative, isStream, type WebBody } from './body-kinds.js';
import type { TransportBody, TransportHandle, TransportRequest, TransportSink } from './contract.js';
import {
  type FetchAnswer,
  type FetchLike,
  type FetchRead,
  leastBytes,
  readerOf,
  refusedRedirect,
  viewOf,
} from './fetch-answer.js';

function pairs(flat: readonly string[]): [string, string][] {
  const list: [string, string][] = [];
  for (let i = 0; i < flat.length; i += 2) list.push([flat[i]!, flat[i + 1]!]);
  return list;
}

/** One exchange over anything that looks like `fetch`. */
class FetchExchange implements TransportHandle {
  readonly waiting = false;
  readonly #request: TransportRequest;
  /** Whether the platform may follow a redirect. */
  readonly #follow: boolean;
  readonly #controller = new AbortController();
  /** Gone once the exchange is over, so that nothing is told after that. */
  #sink: TransportSink | undefined;
  #body: WebBody | undefined;
  #read: (() => PromiseLike<FetchRead>) | undefined;
  /** What a read brought that ended during a pause. */
  #held: FetchRead | undefined;
  /** Bytes that the body still lacks. */
  #lacks = 0;
  #paused = false;
  /** A read is pending, or what it brought is being told: the next one follows from there. */
  #busy = true;

  constructor(request: TransportRequest, sink: TransportSink, hidden: boolean) {
    this.#request = request;
    this.#follow = hidden && request.redirect === 'follow';
    this.#sink = sink;
  }

  async run(fetch: FetchLike): Promise<void> {
    await undefined; // the sink hears nothing before `open` returns
    this.#sink?.sent();
    if (!this.#sink) return;
    let answer: FetchAnswer;
    try {
      const init = this.#init();
      // Without a body there is nothing to wait for.
      if (this.#request.body !== undefined) await this.#addBody(init, this.#request.body);
      if (!this.#sink) return this.#body?.stop?.(undefined);
      answer = await fetch(this.#request.url, init);
    } catch (error) {
      return this.#lost(error);
    }
    if (this.#sink) this.#head(this.#sink, answer);
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    if (this.#busy) return;
    this.#busy = true;
    const held = this.#held;
    this.#held = undefined;
    if (held) this.#take(held);
    else this.#goOn();
  }

  abort(reason?: unknown): void {
    if (!this.#sink) return;
    this.#sink = undefined;
    this.#body?.stop?.(reason);
    this.#controller.abort(reason);
  }

  /** Only what is set: workers throw on members that they do not know. */
  #init(): Record<string, unknown> {
    const { method, headers, cookies, cache, keepalive } = this.#request;
    const set = { method, headers: pairs(headers), signal: this.#controller.signal };
    // Inherits nothing: platforms would take `mode`, `integrity` and the like from a polluted prototype.
    const init = Object.assign(Object.create(null) as Record<string, unknown>, set);
    // Where the platform hides redirects, 'manual' still tells of one; 'error' looks like any lost connection.
    if (!this.#follow) init.redirect = 'manual';
    if (cookies) init.credentials = cookies;
    if (cache) init.cache = cache;
    if (keepalive !== undefined) init.keepalive = keepalive;
    return init;
  }

  async #addBody(init: Record<string, unknown>, body: TransportBody): Promise<void> {
    if (!isNative(body)) await this.#convert(body);
    init.body = this.#body?.body ?? body;
    if (isStream(body)) init.duplex = 'half';
  }

  /** Loaded where it is needed: few programs send streams, or forms that the platform does not know. */
  async #convert(body: TransportBody): Promise<void> {
    const { webBody } = await import('./web-body.js');
    const failed = (cause: unknown): void =>
      this.#lost(new NetworkError('the stream given as body failed', 'send', { cause }));
    this.#body = await webBody(body, failed);
  }

  #head(sink: TransportSink, answer: FetchAnswer): void {
    const { status, statusText, url } = answer;
    const redirected = answer.redirected ?? (url || this.#request.url) !== this.#request.url;
    const hidden = answer.type === 'opaqueredirect';
    if (!this.#follow && (redirected || hidden)) return this.#lost(refusedRedirect(hidden, url));
    this.#read = readerOf(answer);
    this.#lacks = leastBytes(answer, this.#request.method);
    const head: Head = { status, statusText, headers: viewOf(answer.headers), ...(redirected && { url, redirected }) };
    sink.head(head);
    this.#goOn();
  }

  readonly #take = (read: FetchRead): void => {
    const sink = this.#sink;
    if (this.#paused) {
      this.#held = read;
      this.#busy = false;
    } else if (read.done && this.#lacks > 0) {
      this.#lost(new Error(`${this.#lacks} bytes of it are missing`));
    } else if (read.done) {
      // An answer that comes before its request was sent needs no more of it.
      if (isStream(this.#request.body)) this.abort();
      this.#sink = undefined;
      sink?.end();
    } else {
      const { length } = read.value!;
      this.#lacks -= length;
      if (length > 0) sink?.chunk(read.value!);
      this.#goOn();
    }
  };

  readonly #lost = (error: unknown): void => {
    const sink = this.#sink;
    this.abort(error);
    sink?.fail(webFailure(error, this.#read !== undefined));
  };

  #goOn(): void {
    this.#busy = !this.#paused && this.#sink !== undefined;
    if (this.#busy) this.#read!().then(this.#take, this.#lost);
  }
}

/**
 * Starts an exchange.
 *
 * @param hidden - whether the platform hides redirects, so that it must follow those that may be followed
 */
export function openFetch(
  request: TransportRequest,
  sink: TransportSink,
  fetch: FetchLike,
  hidden: boolean,
): TransportHandle {
  const exchange = new FetchExchange(request, sink, hidden);
  void exchange.run(fetch);
  return exchange;
}
