import { Timed } from '../deadlines.js';
import { badRequest, type Demand, type FlowSubscriber, type Publisher } from '../demand.js';
import { limitAround, type TimeLimit, WITHIN } from './time-limit.js';

/**
 * One run of an operator that passes values on as they come, from one source after the other.
 *
 * Both ends in one object, an entry of the shared deadlines too: values pass without a queue, since no source may send
 * more than was asked for. What was asked for and has not come is asked of the next source.
 */
export abstract class Relay<T> extends Timed implements Demand, FlowSubscriber<T> {
  declare protected readonly source: Publisher<T>;
  /** The subscriber; `undefined` once the run is over. */
  declare protected to: FlowSubscriber<T> | undefined;
  /** Values asked for below and not yet sent. */
  declare protected wanted: number;
  /** @internal */ declare private upstream: Demand | undefined;

  constructor(source: Publisher<T>, to: FlowSubscriber<T>) {
    super();
    this.source = source;
    this.to = to;
    this.wanted = 0;
    this.upstream = undefined;
  }

  get [WITHIN](): TimeLimit | undefined {
    return limitAround(this.to);
  }

  start(): void {
    try {
      this.to!.onSubscribe(this);
    } catch (error) {
      this.cancel();
      throw error;
    }
    if (this.to) this.begin();
  }

  /** The subscriber waits for its first signal: subscribes to the source. */
  protected begin(): void {
    this.source.subscribe(this);
  }

  /** From now on something is asked for; before it, nothing was. */
  protected awaited(): void {}

  /** The run is over, whichever way: lets go of timers. Comes once. */
  protected over(): void {}

  override expire(): void {}

  request(n: number): void {
    if (!this.to) return;
    const bad = badRequest(n);
    if (bad) return this.stop(bad);
    const isFirst = this.wanted === 0;
    this.wanted += n;
    // Read first: whoever subscribes when it is called has asked for these already.
    const upstream = this.upstream;
    if (isFirst) this.awaited();
    upstream?.request(n);
  }

  cancel(): void {
    const upstream = this.upstream;
    if (this.leave()) upstream?.cancel();
  }

  onSubscribe(demand: Demand): void {
    if (!this.to || this.upstream) return demand.cancel();
    this.upstream = demand;
    if (this.wanted > 0) demand.request(this.wanted);
  }

  onNext(value: T): void {
    if (!this.to) return;
    this.wanted--;
    this.to.onNext(value);
  }

  onComplete(): void {
    this.leave()?.onComplete();
  }

  onError(error: unknown): void {
    this.leave()?.onError(error);
  }

  /** The source has ended, and another one may follow. @returns false when the run is over */
  protected ended(): boolean {
    this.upstream = undefined;
    return this.to !== undefined;
  }

  /** Asks for one more, in place of a value that is not passed on. */
  protected skip(): void {
    this.upstream?.request(1);
  }

  /** Cancels the source and stays with the subscriber. */
  protected leaveSource(): void {
    const upstream = this.upstream;
    this.upstream = undefined;
    upstream?.cancel();
  }

  /** Cancels the source and fails. */
  protected stop(error: unknown): void {
    const upstream = this.upstream;
    const to = this.leave();
    upstream?.cancel();
    to?.onError(error);
  }

  /** Lets go of the subscriber before its last signal. */
  protected leave(): FlowSubscriber<T> | undefined {
    const { to } = this;
    if (!to) return undefined;
    this.to = this.upstream = undefined;
    this.over();
    return to;
  }
}
