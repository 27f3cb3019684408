import type { Unsubscribable } from 'rxjs';

import type { ApiError } from '../core/errors.js';
import type { Head, HeadersView } from '../core/wire.js';
import type { Hop, TransportHandle, TransportSink } from '../transport/contract.js';
import { AttemptTimes } from './attempt-times.js';
import { transportOf } from './client.js';
import type { Credentials, Renewal } from './credentials.js';
import { checkHead, firstHop, requestOfHop } from './hop.js';
import type { Plan } from './plan.js';
import type { Producer, Receiver } from './receiver.js';

/** An unwanted body up to this is read to keep its connection; beyond, the connection is given up. */
const DISCARD_BYTES = 65_536;

/** The sending half of an attempt: its hops and their credentials, one after the other. */
export abstract class AttemptHops extends AttemptTimes implements TransportSink, Producer {
  protected readonly to: Receiver;
  protected hop: Hop;
  protected handle: TransportHandle | undefined;
  protected over = false;
  /** What follows the unwanted body that is being read: another hop, or this one with a new credential. */
  protected then: Hop | Renewal | undefined;
  readonly #credentials: Credentials | undefined;
  #hops = 0;
  #fetching: Unsubscribable | undefined;
  #discarded = 0;

  constructor(plan: Plan, to: Receiver) {
    super(plan);
    this.to = to;
    this.hop = firstHop(plan);
    const { auth } = plan.client;
    this.#credentials = auth[0]?.credentials(auth);
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
      const hop = this.#credentials?.apply(this.hop) ?? this.hop;
      if (typeof hop === 'function') return this.#fetch(hop);
      const transport = transportOf(this.plan.client);
      const request = requestOfHop(this.plan, hop, transport.capabilities, this.to);
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
    checkHead(this.plan, this.hop, head);
    const transport = transportOf(this.plan.client);
    this.then = transport.follow?.(this.plan, this.hop, head, this.#hops);
    if (head.status === 401 && !(this.plan.once && this.hop.withBody)) this.then = this.#credentials?.renewal();
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
    if (typeof then === 'function') {
      this.resting();
      return this.#fetch(then);
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

  #fetch(renewal: Renewal): void {
    this.#fetching = renewal().subscribe({
      error: (error: unknown) => this.failed(error),
      complete: () => this.start(),
    });
  }
}
