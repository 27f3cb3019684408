import { isApiError, type RequestSummary } from '../core/errors.js';
import { describe, redactUrl } from '../http/summary.js';
import { ReconnectLadder } from './reconnect-ladder.js';
import { ladderRules } from './reconnect-options.js';
import type { SocketData, SocketEnd } from './socket-contract.js';
import { type LinkOwner, SocketLink } from './socket-link.js';
import { type Loss, readLoss } from './socket-loss.js';
import { whenOnline } from './socket-page.js';
import type { SocketSettings } from './socket-settings.js';
import type { SocketUrl } from './socket-types.js';
import { streamError } from './stream-error.js';
import { type ConnectionEvent, connectionEvent, type Happening } from './stream-events.js';

/** Who is told of the connections. */
export interface ConnectorOwner {
  /** A connection is ready: comes before its `open` is told. */
  ready(link: SocketLink): void;
  data(data: SocketData): void;
  drained(): void;
  /** The open connection is gone. */
  cut(error: unknown): void;
  told(event: ConnectionEvent): void;
  /** There will be no further connection. Comes once, last. */
  over(error: unknown, failed: boolean): void;
}

/** Makes one connection after the other, as the close codes and the ladder have it, until it is stopped. */
export class Connector implements LinkOwner {
  readonly #url: SocketUrl;
  readonly #settings: SocketSettings;
  readonly #owner: ConnectorOwner;
  #ladder: ReconnectLadder | undefined;
  #link: SocketLink | undefined;
  #attempt = 0;
  #epoch = 0;
  #openedMs = 0;
  #wasOpen = false;
  #heard = false;
  #renewed = false;
  #live = true;
  #lastError: unknown;
  /** Until it is known. */
  #request: RequestSummary = { method: 'GET', url: 'a WebSocket' };
  #cancelWait: (() => void) | undefined;

  constructor(url: SocketUrl, settings: SocketSettings, owner: ConnectorOwner) {
    this.#url = url;
    this.#settings = settings;
    this.#owner = owner;
  }

  start(): void {
    this.#connect(false);
  }

  /** Closes what is open, and starts nothing more. */
  stop(code = 1000): void {
    if (!this.#live) return;
    this.#live = false;
    this.#cancelWait?.();
    this.#ladder?.abandon();
    this.#link?.close(code);
    this.#link = undefined;
  }

  /** The link that is ready, if one is. */
  get link(): SocketLink | undefined {
    return this.#link?.isReady ? this.#link : undefined;
  }

  get attempt(): number {
    return this.#attempt;
  }

  decoded(value: unknown): void {
    this.#link?.decoded(value);
  }

  fail(error: unknown): void {
    if (!this.#live) return;
    this.#finish(error, true);
  }

  complete(): void {
    if (this.#live) this.#finish(undefined, false);
  }

  linkReady(): void {
    const link = this.#link!;
    this.#heard = false;
    this.#epoch++;
    this.#wasOpen = true;
    this.#openedMs = this.#settings.clock.now();
    (this.#ladder ??= this.#makeLadder(link.target!.origin)).opened();
    this.#owner.ready(link);
    if (this.#link !== link) return;
    this.#tell({ type: 'open' });
    if (this.#epoch > 1 && this.#link === link) this.#tell({ type: 'gap', cause: this.#lastError });
  }

  linkData(data: SocketData): void {
    if (!this.#heard && this.#link?.isReady) {
      this.#heard = true;
      this.#ladder!.heard();
    }
    this.#owner.data(data);
  }

  linkDrained(): void {
    this.#owner.drained();
  }

  linkEnded(end: SocketEnd | { readonly failure: unknown }): void {
    const link = this.#link!;
    const wasOpen = this.#wasOpen;
    const openMs = wasOpen ? this.#settings.clock.now() - this.#openedMs : 0;
    this.#link = undefined;
    this.#wasOpen = false;
    if (openMs >= this.#settings.reconnect.stableMs) this.#renewed = false;
    const loss = readLoss(end, this.#settings);
    if (link.target) this.#request = { method: 'GET', url: redactUrl(link.target.url) };
    if (isApiError(loss.error)) describe(loss.error, this.#request);
    this.#lastError = loss.error;
    if (loss.meaning === 'complete') return this.complete();
    if (wasOpen) {
      this.#owner.cut(loss.error);
      if (this.#live) this.#tell({ type: 'lost', cause: loss.error });
    }
    if (this.#live) this.#follow(loss, link);
  }

  #connect(renew: boolean): void {
    this.#cancelWait = undefined;
    this.#attempt++;
    this.#tell({ type: 'connecting' });
    if (!this.#live) return;
    this.#link = new SocketLink(this, this.#settings, { attempt: this.#attempt, renew });
    this.#link.start(this.#url);
  }

  /** What comes after a lost connection. */
  #follow({ error, meaning }: Loss, link: SocketLink): void {
    const { reconnect, clock } = this.#settings;
    // Once: a server that refuses new credentials too means it.
    if (meaning === 'renew' && !this.#renewed && reconnect.attempts > 1) {
      this.#renewed = true;
      return this.#connect(true);
    }
    if (meaning === 'renew' || meaning === 'fail') return this.fail(error);
    let delayMs = -1;
    try {
      const mayFollow = meaning === 'retry' || reconnect.when(error);
      if (mayFollow) delayMs = (this.#ladder ??= this.#makeLadder(link.target?.origin)).next(error);
    } catch (thrown) {
      return this.fail(thrown);
    }
    if (!this.#live) return this.#ladder?.abandon();
    if (delayMs < 0) return this.fail(error);
    this.#cancelWait = clock.after(delayMs, () => this.#waitForNetwork());
    this.#tell({ type: 'waiting', delayMs, cause: error });
  }

  /** No attempt is made while the platform knows that it has no network. */
  #waitForNetwork(): void {
    const waiting = whenOnline().subscribe(() => this.#connect(false));
    const cancel = (): void => waiting.unsubscribe();
    if (!waiting.closed) this.#cancelWait = cancel;
  }

  #finish(error: unknown, failed: boolean): void {
    this.stop();
    this.#owner.over(failed ? streamError(error, this.#request, this.#attempt) : error, failed);
  }

  #makeLadder(origin: string | undefined): ReconnectLadder {
    const { reconnect, client, clock, random } = this.#settings;
    const policy = 'webSocket';
    const rules =
      client && origin
        ? ladderRules(reconnect, client, origin, policy)
        : { ...reconnect, budget: reconnect.budget || undefined, policy };
    return new ReconnectLadder({ ...rules, clock, random });
  }

  #tell(happening: Happening): void {
    const { clock } = this.#settings;
    this.#owner.told(connectionEvent(happening, this.#attempt, clock.now(), undefined));
  }
}
