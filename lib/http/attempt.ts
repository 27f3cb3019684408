import type { Unsubscribable } from 'rxjs';

import { LimitError } from '../core/answer-errors.js';
import { type ApiError, type TimeoutError } from '../core/errors.js';
import { PROGRESS } from '../core/progress.js';
import type { Head } from '../core/wire.js';
import type { TransportHandle, TransportSink } from '../transport/contract.js';
import { AttemptTimes } from './attempt-times.js';
import type { Auth } from './auth.js';
import { type BodyOwner, BodyReader } from './body-reader.js';
import { transportOf } from './client.js';
import { ErrorBody } from './error-body.js';
import { authorise, checkHead, firstHop, type Hop, requestOfHop, type Sent } from './hop.js';
import { isRepeatable, type Plan } from './plan.js';
import type { Producer, Receiver } from './receiver.js';
import { checkFinalUrl, nextHop } from './redirect.js';

/** An unwanted body up to this is read to keep its connection; beyond, the connection is given up. */
const DISCARD_BYTES = 65_536;

/**
 * One attempt: its hops, their answers, its time limits. It is the transport's sink and the caller's handle at once,
 * so that a call costs no closure per event.
 */
export class Attempt extends AttemptTimes implements TransportSink, BodyOwner, Producer {
  readonly #number: number;
  readonly #to: Receiver;
  #hop: Hop;
  #hops = 0;
  #handle: TransportHandle | undefined;
  #renewable: Sent | undefined;
  #renewed = false;
  #fetching: Unsubscribable | undefined;
  #reader: BodyReader | undefined;
  #errorBody: ErrorBody | undefined;
  /** What follows the unwanted body that is being read: another hop, or this one with a new credential. */
  #then: Hop | Sent | undefined;
  #discarded = 0;
  #loaded = 0;
  #total: number | undefined;
  #flowing = true;
  #over = false;

  constructor(plan: Plan, number: number, to: Receiver) {
    super(plan);
    this.#number = number;
    this.#to = to;
    this.#hop = firstHop(plan);
  }

  /** Sends the current hop. */
  start(): void {
    if (this.#over) return;
    try {
      const auth = authorise(this.plan, this.#hop);
      if (auth.missing) return this.#fetch(auth.missing, undefined);
      const transport = transportOf(this.plan.client);
      const request = requestOfHop(this.plan, this.#hop, auth, transport.capabilities, this.#to.events);
      this.#renewable = auth.renewable;
      this.#handle = transport.open(request, this);
      if (this.#handle.waiting) this.queued();
      else this.started();
    } catch (error) {
      this.failed(error);
    }
  }

  #fetch(auth: Auth, stale: string | undefined): void {
    this.#fetching = auth.fetch!(stale).subscribe({
      error: (error: unknown) => this.failed(error),
      complete: () => this.start(),
    });
  }

  assigned(): void {
    this.started();
  }

  sent(): void {
    if (this.#to.events) this.#to.progress({ type: 'sent', attempt: this.#number, [PROGRESS]: true });
  }

  uploaded(loaded: number, total?: number): void {
    this.uploading(loaded === total);
    this.#to.uploaded();
    if (this.#to.events) this.#to.progress({ type: 'upload', attempt: this.#number, loaded, total, [PROGRESS]: true });
  }

  head(head: Head): void {
    try {
      checkHead(this.plan, head);
      checkFinalUrl(this.#hop, head.url);
      this.#then = nextHop(this.plan, this.#hop, head, this.#hops) ?? this.#renewal(head.status);
    } catch (error) {
      return this.failed(error);
    }
    if (this.#then) return this.discarding();
    const { status, statusText, headers } = head;
    const url = head.url ?? this.#hop.target.origin + this.#hop.target.path;
    const ok = this.plan.anyStatus || (status >= 200 && status < 300);
    const { many } = this.plan.decoder;
    this.headed(ok && many);
    if (this.#to.events) {
      const length = headers.get('content-encoding') ? null : headers.get('content-length');
      this.#total = length !== null && /^\d+$/.test(length) ? Number(length) : undefined;
      this.#to.progress({ type: 'head', attempt: this.#number, status, statusText, headers, url, [PROGRESS]: true });
    }
    if (!ok) {
      this.#errorBody = new ErrorBody(this.plan, head);
      return;
    }
    this.#to.head(head, url, this.#number);
    this.#reader = new BodyReader(this.plan.decoder, head, this.plan.limits, this);
  }

  /** A 401 to a credential that can be fetched anew: replayed once, and not counted as a retry. */
  #renewal(status: number): Sent | undefined {
    if (status !== 401 || this.#renewed || (this.plan.once && this.#hop.withBody)) return undefined;
    this.#renewed = this.#renewable !== undefined;
    return this.#renewable;
  }

  chunk(bytes: Uint8Array): void {
    if (this.#then) {
      this.#discarded += bytes.length;
      if (this.#discarded > DISCARD_BYTES) this.#follow();
      return;
    }
    this.heard();
    this.#loaded += bytes.length;
    if (this.#to.events) {
      const { length } = bytes;
      const event = { type: 'download', attempt: this.#number, loaded: this.#loaded, total: this.#total } as const;
      if (length > 0) this.#to.progress({ ...event, [PROGRESS]: true });
    }
    const { bodyBytes, errorBodyBytes } = this.plan.limits;
    if (this.#errorBody) {
      if (this.#errorBody.push(bytes)) return;
      this.failed(this.#errorBody.toError(new LimitError('errorBodyBytes', errorBodyBytes, 'the body of the error')));
    } else if (this.plan.gather && this.#loaded > bodyBytes) {
      this.failed(new LimitError('bodyBytes', bodyBytes, 'too many bytes to gather in one response'));
    } else this.#reader?.push(bytes);
  }

  end(): void {
    this.#handle = undefined;
    if (this.#then) return this.#follow();
    this.stopped();
    if (this.#errorBody) this.failed(this.#errorBody.toError());
    else this.#reader?.end();
  }

  fail(error: ApiError): void {
    this.#handle = undefined;
    // The head of the unwanted answer told enough.
    if (this.#then) return this.#follow();
    if (this.#errorBody) return this.failed(this.#errorBody.toError(error));
    error.retryable &&= isRepeatable(this.plan);
    this.failed(error);
  }

  protected override timedOut(error: TimeoutError): void {
    if (this.#then && error.which === 'headers') return this.#follow();
    error.retryable = error.which !== 'queue' && isRepeatable(this.plan);
    this.failed(this.#errorBody?.toError(error) ?? error);
  }

  #follow(): void {
    const then = this.#then!;
    this.#then = undefined;
    this.#discarded = 0;
    this.#handle?.abort();
    this.#handle = undefined;
    if ('auth' in then) {
      this.resting();
      return this.#fetch(then.auth, then.value);
    }
    this.#hop = then;
    this.#hops++;
    this.start();
  }

  wanted(): boolean {
    return !this.#over && this.#to.wanted();
  }

  value(value: unknown): void {
    this.#to.value(value);
  }

  flow(open: boolean): void {
    if (open === this.#flowing || !this.#handle) return;
    this.#flowing = open;
    if (open) {
      this.released();
      this.#handle.resume();
    } else {
      this.held();
      this.#handle.pause();
    }
  }

  done(): void {
    this.#over = true;
    this.stopped();
    this.#to.complete();
  }

  failed(error: unknown): void {
    if (this.#over) return;
    this.cancel();
    this.#to.error(error);
  }

  resume(): void {
    this.#reader?.resume();
  }

  cancel(): void {
    this.#over = true;
    this.stopped();
    this.#reader?.close();
    this.#fetching?.unsubscribe();
    this.#handle?.abort();
    this.#handle = undefined;
  }
}
