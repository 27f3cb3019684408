import type { Observable } from 'rxjs';

import { type ApiError, RejectedError } from '../core/errors.js';
import { WatchedState } from '../core/policy/watched-state.js';
import { Connector, type ConnectorOwner } from './socket-connector.js';
import type { SocketData } from './socket-contract.js';
import { Inbound, type InboundOwner } from './socket-inbound.js';
import type { SocketLink } from './socket-link.js';
import { Outbox } from './socket-outbox.js';
import { Audience, type ReaderHome } from './socket-reader.js';
import { Requests } from './socket-requests.js';
import type { SocketSettings } from './socket-settings.js';
import { Topics } from './socket-topics.js';
import type { SocketState, SocketUrl } from './socket-types.js';
import { type ConnectionEvent, connectionEvent } from './stream-events.js';

/** What all users of a channel share: connected while there is one of them. */
export class SocketHub implements ConnectorOwner, InboundOwner, ReaderHome {
  readonly #url: SocketUrl;
  readonly #settings: SocketSettings;
  readonly #holders = new Set<object>();
  readonly #slow = new Set<object>();
  readonly #watched: WatchedState<SocketState>;
  readonly #tellers = new Set<(event: ConnectionEvent) => void>();
  readonly audience = new Audience();
  readonly topics = new Topics();
  readonly outbox: Outbox;
  readonly requests: Requests;
  #connector: Connector | undefined;
  #inbound: Inbound | undefined;
  #state: SocketState;
  #cancelLinger: (() => void) | undefined;

  constructor(url: SocketUrl, settings: SocketSettings) {
    this.#url = url;
    this.#settings = settings;
    this.#state = { type: 'closed', sinceMs: settings.clock.now() };
    this.#watched = new WatchedState(() => this.#state);
    this.outbox = new Outbox(settings.outbound);
    this.requests = new Requests(settings, this.outbox);
  }

  get changes(): Observable<SocketState> {
    return this.#watched.changes;
  }

  get bufferedBytes(): number {
    return this.#connector?.link?.bufferedBytes ?? 0;
  }

  get canPause(): boolean {
    return this.#connector?.link?.canPause === true;
  }

  /** Connects, unless that is done: until `holder` releases it, or the stream is over. */
  hold(holder: object): void {
    this.#cancelLinger?.();
    this.#cancelLinger = undefined;
    this.#holders.add(holder);
    if (this.#connector) return;
    this.#inbound = new Inbound(this.#settings, this);
    this.#connector = new Connector(this.#url, this.#settings, this);
    this.#connector.start();
  }

  release(holder: object): void {
    if (!this.#holders.delete(holder) || this.#holders.size > 0 || !this.#connector) return;
    const { lingerMs, clock } = this.#settings;
    if (lingerMs > 0 && this.#connector.link) this.#cancelLinger = clock.after(lingerMs, () => this.#close());
    else this.#close();
  }

  /** Tells of all that happens from now on, and of how things are. */
  tellOf(tell: (event: ConnectionEvent) => void): void {
    this.#tellers.add(tell);
    if (this.#state.type !== 'closed') tell(this.#state);
  }

  untell(tell: (event: ConnectionEvent) => void): void {
    this.#tellers.delete(tell);
  }

  slow(reader: object, isSlow: boolean): void {
    if (isSlow) this.#slow.add(reader);
    else this.#slow.delete(reader);
    this.#connector?.link?.pause(this.#slow.size > 0);
  }

  ready(link: SocketLink): void {
    try {
      this.topics.use((message) => link.send(this.#settings.codec.encode(message)));
    } catch (error) {
      this.broken(error);
    }
    if (this.#slow.size > 0) link.pause(true);
  }

  data(data: SocketData): void {
    this.#inbound?.push(data);
  }

  deliver(value: unknown): void {
    const { topicOf, replyTo, terminator } = this.#settings;
    this.#connector?.decoded(value);
    const topic = topicOf?.(value);
    const reply = replyTo?.(value);
    this.audience.deliver(value);
    if (topic !== undefined) this.topics.deliver(topic, value);
    if (reply !== undefined) this.requests.answer(reply, value);
    if (terminator?.(value)) this.#connector?.complete();
  }

  invalid(error: ApiError): void {
    const attempt = this.#connector?.attempt ?? 0;
    this.#tellAll(connectionEvent({ type: 'invalid', error }, attempt, this.#settings.clock.now(), undefined));
  }

  broken(error: unknown): void {
    this.#connector?.fail(error);
  }

  checking(waits: boolean): void {
    this.slow(this, waits);
  }

  drained(): void {
    this.outbox.flush();
  }

  cut(error: unknown): void {
    this.outbox.use(undefined);
    this.topics.use(undefined);
    this.requests.cut(error);
  }

  told(event: ConnectionEvent): void {
    // A gap is no state of its own: the connection is open.
    if (event.type !== 'gap') {
      this.#state = event;
      this.#watched.changed();
    }
    this.#tellAll(event);
    // Behind whoever heard of it: what waits comes first, and after the topics.
    if (event.type === 'open') this.outbox.use(this.#connector?.link);
  }

  over(error: unknown, failed: boolean): void {
    // All that were there when it ended, and nobody who comes in answer to that.
    const readers = [...this.audience.clear(), ...this.topics.clear()];
    const outgoing = [...this.requests.clear(), ...this.outbox.clear()];
    this.#reset();
    for (const reader of readers) reader.end(error, failed);
    const why = failed ? error : new RejectedError('closed', 'the stream has come to its end');
    for (const item of outgoing) item.lost(why);
  }

  #tellAll(event: ConnectionEvent): void {
    for (const tell of this.#tellers) tell(event);
  }

  #close(): void {
    const connector = this.#connector;
    this.#reset();
    this.topics.use(undefined);
    this.outbox.use(undefined);
    connector?.stop();
  }

  #reset(): void {
    this.#cancelLinger?.();
    this.#cancelLinger = undefined;
    this.#inbound?.close();
    this.#connector = this.#inbound = undefined;
    this.#holders.clear();
    this.#slow.clear();
    this.#state = { type: 'closed', sinceMs: this.#settings.clock.now() };
    this.#watched.changed();
  }
}
