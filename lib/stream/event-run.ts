import type { SseEvent } from '../codec/sse-types.js';
import { ProtocolError } from '../core/answer-errors.js';
import type { FlowSubscriber } from '../core/demand.js';
import { AbortError, type ApiError } from '../core/errors.js';
import { Relay } from '../core/policy/relay.js';
import { CLIENT } from '../http/api.js';
import { listen, unlisten } from '../http/signal-hub.js';
import { EventConnector, type EventSubscriber } from './event-connector.js';
import { EventDecoder } from './event-decoder.js';
import type { EventStreamSettings } from './event-stream-settings.js';
import { InvalidEvents } from './invalid-events.js';
import { idField } from './last-event-id.js';
import { ReconnectLadder } from './reconnect-ladder.js';
import { ladderRules } from './reconnect-options.js';
import { streamError } from './stream-error.js';
import { type ConnectionEvent, connectionEvent, type Happening } from './stream-events.js';

/** One subscription to a stream of events: its connections, and the waits between them. */
export class EventRun<T extends SseEvent<unknown>> extends Relay<T> implements EventSubscriber<T> {
  attempt = 0;
  /** The id of the last event that the subscriber has, or that nobody waits for. */
  cursor: string;
  readonly #settings: EventStreamSettings<T>;
  readonly #told: ((event: ConnectionEvent) => void) | undefined;
  readonly #ladder: ReconnectLadder;
  readonly #invalid = new InvalidEvents();
  #decoder: EventDecoder<T> | undefined;
  #cancelWait: (() => void) | undefined;
  #isOpen = false;
  #wasOpen = false;
  #hasDelivered = false;
  /** The server has said that nothing more is to come. */
  #isDone = false;
  /** What ended the connection before. */
  #cause: unknown;

  constructor(
    settings: EventStreamSettings<T>,
    to: FlowSubscriber<T>,
    told: ((event: ConnectionEvent) => void) | undefined,
  ) {
    super(new EventConnector(settings), to);
    const { api, origin, lastEventId, reconnect } = settings;
    this.#settings = settings;
    this.#told = told;
    this.cursor = lastEventId;
    this.#ladder = new ReconnectLadder(ladderRules(reconnect, api[CLIENT], origin, 'eventStream'));
  }

  get isOver(): boolean {
    return this.to === undefined;
  }

  override start(): void {
    const { signal } = this.#settings;
    if (signal && !signal.aborted) listen(signal, this);
    super.start();
  }

  /** The caller's signal fired. */
  handleEvent(): void {
    this.stop(this.#described(new AbortError(this.#settings.signal?.reason)));
  }

  protected override begin(): void {
    this.#cancelWait = undefined;
    if (this.#settings.signal?.aborted) return this.handleEvent();
    this.attempt++;
    this.#tell({ type: 'connecting' });
    if (this.to) super.begin();
  }

  decoder(): EventDecoder<T> {
    const { as, terminator } = this.#settings;
    this.#decoder = new EventDecoder<T>(as, terminator, this);
    return this.#decoder;
  }

  opened(isDone: boolean): void {
    this.#isDone = isDone;
    if (isDone) return;
    const hasGap = this.#wasOpen && idField(this.cursor) === undefined;
    this.#isOpen = this.#wasOpen = true;
    this.#ladder.opened();
    this.#tell({ type: 'open' });
    if (hasGap) this.#tell({ type: 'gap', cause: this.#cause });
  }

  passed(lastEventId: string): void {
    this.cursor = lastEventId;
  }

  retry(ms: number): void {
    this.#ladder.floor(ms);
  }

  refused(error: ApiError): void {
    if (this.#settings.as.onInvalid === 'skip') return;
    const isEnough = this.#invalid.add(error);
    this.#tell({ type: 'invalid', error });
    if (isEnough) this.stop(this.#described(this.#invalid.error));
  }

  terminated(): void {
    this.leaveSource();
    this.#complete();
  }

  override onNext(value: T): void {
    if (!this.to) return;
    // A layer may have answered by itself.
    if (!this.#isOpen) this.opened(false);
    this.#ladder.heard();
    this.#invalid.good();
    this.cursor = value.lastEventId;
    this.#hasDelivered = true;
    let isLast: boolean | undefined;
    try {
      isLast = this.#settings.isLast?.(value);
    } catch (thrown) {
      return this.stop(thrown);
    }
    super.onNext(value);
    if (isLast) this.terminated();
  }

  override onComplete(): void {
    if (!this.ended()) return;
    const { isEndless, terminator, isLast } = this.#settings;
    if (this.#isDone) return this.#complete();
    if (isEndless) return this.#lost(undefined);
    const isProven = terminator === undefined && isLast === undefined;
    if (isProven && !this.#decoder?.isWithin) return this.#complete();
    const what = isProven ? 'within an event' : 'before its terminator';
    this.#lost(new ProtocolError(`the stream was cut off: it ended ${what}`));
  }

  override onError(error: unknown): void {
    if (this.ended()) this.#lost(error);
  }

  protected override over(): void {
    const { signal } = this.#settings;
    if (signal) unlisten(signal, this);
    this.#leaveConnection();
    if (!this.#cancelWait) return;
    this.#cancelWait();
    this.#cancelWait = undefined;
    this.#ladder.abandon();
  }

  #complete(): void {
    const { error } = this.#invalid;
    if (error) super.onError(this.#described(error));
    else super.onComplete();
  }

  #lost(cause: unknown): void {
    const wasOpen = this.#isOpen;
    this.#leaveConnection();
    this.#cause = cause;
    let delayMs = -1;
    try {
      if (this.#mayReconnect(cause)) delayMs = this.#ladder.next(cause);
    } catch (thrown) {
      return super.onError(thrown);
    }
    if (delayMs < 0) return super.onError(this.#described(cause ?? new ProtocolError('the server ended the stream')));
    if (wasOpen) this.#tell({ type: 'lost', cause });
    if (this.to) this.#tell({ type: 'waiting', delayMs, cause });
    // Whoever listens may have left.
    if (this.to) this.#cancelWait = this.#settings.api[CLIENT].clock.after(delayMs, () => this.begin());
    else this.#ladder.abandon();
  }

  #leaveConnection(): void {
    this.#isOpen = false;
    if (this.#decoder) this.#decoder.isLeft = true;
  }

  #mayReconnect(cause: unknown): boolean {
    const { isRepeatable, isEndless, reconnect } = this.#settings;
    if (!isRepeatable || (cause !== undefined && !reconnect.when(cause))) return false;
    // A stream that has an end begins at its beginning, unless it is told where to go on.
    return isEndless || !this.#hasDelivered || idField(this.cursor) !== undefined;
  }

  #tell(happening: Happening): void {
    if (!this.#told) return;
    const { clock } = this.#settings.api[CLIENT];
    this.#told(connectionEvent(happening, this.attempt, clock.now(), this.cursor || undefined));
  }

  #described(error: unknown): unknown {
    return streamError(error, this.#settings.summary, this.attempt);
  }
}
