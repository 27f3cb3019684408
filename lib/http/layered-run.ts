import type { FlowSubscriber } from '../core/demand.js';
import { Outlet } from '../core/outlet.js';
import { Ring } from '../core/ring.js';
import type { ApiEvent } from './answer-types.js';
import type { EventSink } from './answer-receiver.js';
import type { Producer } from './receiver.js';

type Event = ApiEvent<unknown>;

/** Who has runs inside its layers. */
export interface RunOwner {
  /** Whether one more value may come. */
  room(): boolean;
  left(run: LayeredRun): void;
}

/**
 * One run inside of layers: the source of their stream. It is a Flow's, so that policies, which keep demand, take it
 * as it is: a plain Observable would have to be subscribed to and queued for them, 0.7 us per call.
 */
export class LayeredRun extends Outlet<Event> implements EventSink {
  readonly #owner: RunOwner;
  #producer: Producer | undefined;
  #ready: Ring<Event> | undefined;
  /** The producer was told that there is no room, because of what waits here. */
  #full = false;

  constructor(to: FlowSubscriber<Event>, owner: RunOwner) {
    super(to);
    this.#owner = owner;
  }

  get closed(): boolean {
    return !this.isOpen;
  }

  /** @param make - makes what runs; what it throws fails this run */
  run(make: () => Producer): void {
    this.start();
    if (!this.isOpen) return;
    try {
      this.#producer = make();
    } catch (error) {
      return this.fail(error);
    }
    this.#producer.start();
  }

  next(event: Event): void {
    if (this.pass(event)) return;
    (this.#ready ??= new Ring<Event>(4)).push(event);
    this.drain();
  }

  error(error: unknown): void {
    this.fail(error);
  }

  override complete(): void {
    super.complete();
  }

  /** Whether one more value may come. */
  room(): boolean {
    this.#full = this.held > 0;
    return !this.#full && this.#owner.room();
  }

  resume(): void {
    this.#producer?.resume();
  }

  protected override get held(): number {
    return this.#ready ? this.#ready.length : 0;
  }

  protected override pull(): boolean {
    if (!this.#ready?.length) return false;
    this.emit(this.#ready.shift()!);
    return true;
  }

  protected override idle(): void {
    if (!this.#full) return;
    this.#full = false;
    this.#producer?.resume();
  }

  protected override release(): void {
    this.#ready?.clear();
    this.#owner.left(this);
    this.#producer?.cancel();
  }
}
