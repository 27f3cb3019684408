import type { Demand, FlowSubscriber } from '../demand.js';
import { Outlet } from '../outlet.js';
import type { LimitListener } from '../policy/limit-source.js';
import { Ring } from '../ring.js';
import { BatchItem, type ItemOwner } from './batch-item.js';
import type { Batches } from './batches.js';

/** Sends each value of a source off with a batch, and the results on in the order of the source. */
export class BatchRun<T, R> extends Outlet<R> implements FlowSubscriber<T>, ItemOwner, LimitListener {
  readonly #batches: Batches<T, R>;
  /** Whether nobody else fills the batches: then nothing is to be waited for when the source has ended. */
  readonly #alone: boolean;
  readonly #items = new Ring<BatchItem<T, R>>(1);
  #source: Demand | undefined;
  #sourceOver = false;
  #started = false;
  /** Values asked of the source and not yet here. */
  #awaited = 0;

  constructor(to: FlowSubscriber<R>, batches: Batches<T, R>, alone: boolean) {
    super(to);
    this.#batches = batches;
    this.#alone = alone;
  }

  onSubscribe(demand: Demand): void {
    if (this.#source) return demand.cancel();
    this.#source = demand;
    this.#batches.attach(this);
    this.start();
  }

  onNext(value: T): void {
    if (this.#sourceOver) return;
    this.#awaited--;
    const item = new BatchItem<T, R>(this, value);
    this.#items.push(item);
    try {
      this.#batches.add(item);
    } catch (error) {
      item.fail(error);
    }
    this.drain();
  }

  /** Takes its place in the order. */
  onError(error: unknown): void {
    this.#sourceOver = true;
    const item = new BatchItem<T, R>(this, undefined as T);
    this.#items.push(item);
    item.fail(error);
    this.onComplete();
  }

  onComplete(): void {
    this.#sourceOver = true;
    if (this.#alone) this.#batches.flush();
    this.drain();
  }

  advance(): void {
    this.drain();
  }

  limitChanged(): void {
    this.drain();
  }

  limitFailed(error: unknown): void {
    this.fail(error);
  }

  protected pull(): boolean {
    const head = this.#settle();
    if (head?.state !== 'done') return false;
    this.#items.shift();
    this.emit(head.result as R);
    return true;
  }

  protected override idle(wanted: number): void {
    this.#settle();
    if (wanted > 0) this.#started = true;
    if (this.#sourceOver || !this.#started) return;
    const { window, maxCount } = this.#batches;
    const room = window - this.#items.length - this.#awaited;
    // For a whole batch at a time. NaN where the window is Infinity and all has been asked for.
    if (!(room >= Math.max(1, Math.min(window, maxCount)))) return;
    this.#awaited += room;
    this.#source!.request(room);
  }

  protected release(): void {
    const over = this.#sourceOver;
    this.#sourceOver = true;
    if (!over) this.#source?.cancel();
    // The newest first: no batch must be started for those that are about to leave.
    for (let index = this.#items.length - 1; index >= 0; index--) this.#items.at(index)!.leave();
    this.#items.clear();
    this.#batches.detach(this);
  }

  /** @returns the item whose turn it is */
  #settle(): BatchItem<T, R> | undefined {
    const head = this.#items.length > 0 ? this.#items.at(0) : undefined;
    if (head?.state === 'failed') this.fail(head.error);
    else if (!head && this.#sourceOver) this.complete();
    return head;
  }
}
