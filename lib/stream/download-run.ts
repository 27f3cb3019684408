import { StatusError } from '../core/answer-errors.js';
import { badRequest, type Demand, type FlowSubscriber } from '../core/demand.js';
import { NetworkError } from '../core/errors.js';
import { reportUnhandled } from '../core/outlet.js';
import { PROGRESS } from '../core/progress.js';
import type { Head } from '../core/wire.js';
import { CHUNKS } from '../http/fetch-receiver.js';
import { planCall } from '../http/plan.js';
import { produceCall } from '../http/produce-call.js';
import type { Producer, Receiver } from '../http/receiver.js';
import { type Asked, askAnew } from './ask-anew.js';
import { Connections } from './connections.js';
import type { DownloadSettings } from './download-settings.js';
import { exchangeOptions } from './exchange-options.js';
import { changed, type DownloadCursor, Representation } from './representation.js';
import type { TellTransfer } from './transfer-events.js';

/** One subscription to a download: its connections, and the waits between them. */
export class DownloadRun implements Receiver, Demand {
  readonly events = false;
  readonly uploads = false;
  readonly #settings: DownloadSettings;
  readonly #tell: TellTransfer<DownloadCursor> | undefined;
  readonly #file: Representation;
  #to: FlowSubscriber<Uint8Array> | undefined;
  #producer: Producer | undefined;
  readonly #connections: Connections<DownloadCursor>;
  #requested = 0;
  #origin = '';
  /** Bytes that were there when the connection opened. */
  #openedAt = 0;
  /** Why the bytes begin anew, until that has been told. */
  #anew: { readonly cause: unknown } | undefined;

  constructor(to: FlowSubscriber<Uint8Array>, settings: DownloadSettings, tell?: TellTransfer<DownloadCursor>) {
    this.#to = to;
    this.#settings = settings;
    this.#tell = tell;
    this.#file = new Representation(settings.from, settings.sha256);
    this.#connections = new Connections(settings, 'download', tell, () => this.#file.cursor);
  }

  start(): void {
    this.#to!.onSubscribe(this);
    if (this.#to) this.#connect();
  }

  request(n: number): void {
    if (!this.#to) return;
    const bad = badRequest(n);
    if (bad) return this.#fail(bad);
    this.#requested += n;
    this.#producer?.resume();
  }

  cancel(): void {
    this.#to = undefined;
    this.#drop();
    this.#connections.cancel();
  }

  readonly #connect = (): void => {
    const { path, exchange } = this.#settings;
    this.#connections.connecting();
    if (this.#to)
      askAnew([path, exchange.query, exchange.headers], undefined, this.#open, (error) => this.#lost(error));
  };

  readonly #open = (asked: Asked): void => {
    if (!this.#to) return;
    const options = exchangeOptions(this.#settings.exchange, asked, this.#file.fields());
    const plan = planCall(this.#settings.client, 'GET', asked[0], { ...options, as: CHUNKS });
    this.#origin = plan.target.origin;
    this.#producer = produceCall(plan, this);
    this.#producer.start();
  };

  progress(): void {}
  uploaded(): void {}

  head(head: Head): void {
    try {
      if (!this.#file.accept(head)) {
        const cause = changed();
        if (head.status === 206 || !this.#settings.restart) return this.#beginAnew(cause);
        // The whole of what it is now: it is read from here.
        this.#rewind(cause);
        this.#file.accept(head);
      }
      this.#opened();
    } catch (error) {
      this.#fail(error);
    }
  }

  #opened(): void {
    const anew = this.#anew;
    this.#openedAt = this.#file.offset;
    this.#anew = undefined;
    this.#connections.opened(this.#origin);
    if (!anew || !this.#to) return;
    this.#settings.restart?.(anew.cause);
    this.#connections.gap(anew.cause);
  }

  wanted(): boolean {
    return this.#requested > 0 && this.#to !== undefined;
  }

  value(value: unknown): void {
    this.#connections.heard();
    try {
      const bytes = this.#file.take(value as Uint8Array);
      if (bytes.length > 0) this.#send(bytes);
    } catch (error) {
      this.#fail(error);
    }
  }

  #send(bytes: Uint8Array): void {
    const { offset, total } = this.#file;
    this.#tell?.({ type: 'download', attempt: this.#connections.attempt, loaded: offset, total, [PROGRESS]: true });
    this.#requested--;
    try {
      this.#to?.onNext(bytes);
    } catch (error) {
      // A subscriber must not throw: it is cancelled (Reactive Streams rule 2.13).
      this.cancel();
      reportUnhandled(error);
    }
  }

  complete(): void {
    this.#producer = undefined;
    if (this.#file.isComplete()) return this.#finish();
    const cause = new NetworkError(`the body ended after ${this.#file.offset} bytes, before its end`, 'receive');
    if (this.#file.offset === this.#openedAt) return this.#lost(cause);
    // A server may send less than it was asked for: the rest is fetched without a wait.
    this.#connections.lost(cause);
    if (this.#to) this.#connect();
  }

  error(error: unknown): void {
    this.#producer = undefined;
    const status = error instanceof StatusError ? error.status : undefined;
    if (status === 416 && this.#file.endsAt((error as StatusError).headers)) return this.#finish();
    if ((status === 412 || status === 416) && this.#file.offset > 0) this.#beginAnew(error);
    else this.#lost(error);
  }

  #lost(cause: unknown): void {
    if (!this.#to) return;
    this.#connections.lost(cause);
    try {
      if (!this.#settings.reconnect.when(cause)) return this.#fail(cause);
    } catch (thrown) {
      return this.#fail(thrown);
    }
    if (this.#file.canGoOn) this.#retry(cause);
    else this.#beginAnew(cause);
  }

  #beginAnew(cause: unknown): void {
    if (!this.#settings.restart) return this.#fail(cause);
    this.#rewind(cause);
    this.#retry(cause);
  }

  #rewind(cause: unknown): void {
    this.#anew ??= { cause };
    this.#file.rewind();
  }

  #retry(cause: unknown): void {
    this.#drop();
    if (this.#to && !this.#connections.wait(cause, this.#origin, this.#connect)) this.#fail(cause);
  }

  #finish(): void {
    try {
      this.#file.verify();
    } catch (error) {
      return this.#fail(error);
    }
    const to = this.#to;
    this.#to = undefined;
    to?.onComplete();
  }

  #fail(error: unknown): void {
    const to = this.#to;
    this.cancel();
    to?.onError(error);
  }

  #drop(): void {
    this.#producer?.cancel();
    this.#producer = undefined;
  }
}
