import type { Unsubscribable } from 'rxjs';

import type { ApiError } from '../core/errors.js';
import type { Head, HeadersView } from '../core/wire.js';
import type { TransportHandle, TransportSink } from '../transport/contract.js';
import { AttemptTimes } from './attempt-times.js';
import type { Auth } from './auth.js';
import { transportOf } from './client.js';
import { authorise, checkHead, firstHop, type Hop, requestOfHop, type Sent } from './hop.js';
import type { Plan } from './plan.js';
import type { Producer, Receiver } from './receiver.js';
import { checkFinalUrl, nextHop } from './redirect.js';

/** An unwanted body up to this is read to keep its connection; beyond, the connection is given up. */
const DISCARD_BYTES = 65_536;

/** The sending half of an attempt: its hops and their credentials, one after the other. */
export abstract class AttemptHops extends AttemptTimes implements TransportSink, Producer {
  protected readonly to: Receiver;
  protected hop: Hop;
  protected handle: TransportHandle | undefined;
  protected over = false;
  /** What follows the unwanted body that is being read: another hop, or this one with a new credential. */
  protected then: Hop | Sent | undefined;
  #hops = 0;
  #renewable: Sent | undefined;
  #renewed = false;
  #fetching: Unsubscribable | undefined;
  #discarded = 0;

  constructor(plan: Plan, to: Receiver) {
    super(plan);
    this.to = to;
    this.hop = firstHop(plan);
  }

  abstract sent(): void;
  abstract uploaded(loaded: number, total?: number): void;
  abstract head(head: Head): void;
  abstract chunk(bytes: Uint8Array): void;
  abstract end(trailers?: HeadersView): void;
  abstract fail(error: ApiError): void;
  abstract resume(): void;

  /** Sends the current hop. */
  start(): void {
    if (this.over) return;
    try {
      const auth = authorise(this.plan, this.hop);
      if (auth.missing) return this.#fetch(auth.missing, undefined);
      const transport = transportOf(this.plan.client);
      const request = requestOfHop(this.plan, this.hop, auth, transport.capabilities, this.to);
      this.#renewable = auth.renewable;
      this.handle = transport.open(request, this);
      if (this.handle.waiting) this.queued();
      else this.started();
    } catch (error) {
      this.failed(error);
    }
  }

  assigned(): void {
    this.started();
  }

  /**
   * Whether an answer is not the last one: a redirect, or a 401 to a credential that can be fetched anew. That one is
   * replayed once, and not counted as a retry.
   *
   * @throws RedirectError or LimitError when a redirect must not be followed
   */
  protected goesOn(head: Head): boolean {
    checkHead(this.plan, head);
    checkFinalUrl(this.hop, head.url);
    this.then = nextHop(this.plan, this.hop, head, this.#hops);
    const replayable = !this.#renewed && !(this.plan.once && this.hop.withBody);
    if (!this.then && head.status === 401 && this.#renewable && replayable) {
      this.#renewed = true;
      this.then = this.#renewable;
    }
    return this.then !== undefined;
  }

  protected discard(bytes: number): void {
    this.#discarded += bytes;
    if (this.#discarded > DISCARD_BYTES) this.follow();
  }

  /** Goes on after an answer that was not the last one. */
  protected follow(): void {
    const then = this.then!;
    this.then = undefined;
    this.#discarded = 0;
    this.handle?.abort();
    this.handle = undefined;
    if ('auth' in then) {
      this.resting();
      return this.#fetch(then.auth, then.value);
    }
    this.hop = then;
    this.#hops++;
    this.start();
  }

  failed(error: unknown): void {
    if (this.over) return;
    this.cancel();
    this.to.error(error);
  }

  cancel(): void {
    this.over = true;
    this.stopped();
    this.#fetching?.unsubscribe();
    this.handle?.abort();
    this.handle = undefined;
  }

  #fetch(auth: Auth, stale: string | undefined): void {
    this.#fetching = auth.fetch!(stale).subscribe({
      error: (error: unknown) => this.failed(error),
      complete: () => this.start(),
    });
  }
}
