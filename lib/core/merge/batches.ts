import type { Clock } from '../clock.js';
import { ConfigError } from '../errors.js';
import type { LimitListener } from '../policy/limit-source.js';
import type { Outcome } from '../policy/outcome.js';
import { Ring } from '../ring.js';
import { Batch, type BatchHost, type BatchLoad } from './batch.js';
import type { BatchItem } from './batch-item.js';
import type { CountedPlaces } from './counted-places.js';

/** How {@link Batches} are made up. */
export interface BatchRules<T, R> {
  readonly load: BatchLoad<T, R>;
  readonly maxCount: number;
  readonly maxBytes: number;
  readonly bytesOf: (value: T) => number;
  /** `undefined`: until the code that runs now has run. */
  readonly waitMs: number | undefined;
  readonly places: () => CountedPlaces;
  readonly clock: Clock;
}

/** Collects values of many subscriptions into batches, and runs so many of these at once. */
export class Batches<T, R> implements BatchHost<T, R>, LimitListener {
  /** Values that wait for their batch to be started. */
  waiting = 0;
  /** Batches started so far, and values in them. */
  started = 0;
  sent = 0;
  /** Told of each change; set by whoever watches. */
  onChange: (() => void) | undefined;
  readonly #rules: BatchRules<T, R>;
  readonly #places: CountedPlaces;
  readonly #users = new Set<LimitListener>();
  readonly #full = new Ring<Batch<T, R>>(1);
  /** Takes values until it is full or started. */
  #filling: Batch<T, R> | undefined;
  /** Whether the one that is filling has waited long enough. */
  #isDue = false;
  #cancelTimer: (() => void) | undefined;
  #starting = false;

  constructor(rules: BatchRules<T, R>) {
    this.#rules = rules;
    this.#places = rules.places();
  }

  get running(): number {
    return this.#places.taken;
  }

  /** Values that one subscription may have in here: as many as can be loaded at once. */
  get window(): number {
    return this.#rules.maxCount * this.#places.now;
  }

  get maxCount(): number {
    return this.#rules.maxCount;
  }

  attach(user: LimitListener): void {
    this.#users.add(user);
    if (this.#users.size === 1) this.#places.follow(this);
  }

  detach(user: LimitListener): void {
    this.#users.delete(user);
    if (this.#users.size === 0) this.#places.close();
  }

  /** @throws what `bytesOf` throws; the item is then in no batch */
  add(item: BatchItem<T, R>): void {
    const { bytesOf, maxBytes, maxCount } = this.#rules;
    const bytes = bytesOf(item.value);
    if (item.state !== 'waiting') return;
    if (this.#filling && this.#filling.bytes + bytes > maxBytes) this.#seal();
    if (!this.#filling) this.#open();
    const batch = this.#filling!;
    batch.add(item, bytes);
    this.waiting++;
    this.onChange?.();
    if (batch === this.#filling && (batch.size >= maxCount || batch.bytes >= maxBytes)) this.#seal();
  }

  /** Starts what there is, however little. */
  flush(): void {
    if (!this.#filling) return;
    this.#isDue = true;
    this.#start();
  }

  withdrawn(batch: Batch<T, R>, isEmpty: boolean): void {
    this.waiting--;
    if (isEmpty && batch === this.#filling) this.#forget();
    this.onChange?.();
  }

  ended(batch: Batch<T, R>, outcome: Outcome): void {
    this.#places.ended(batch, outcome);
    this.#places.give();
    this.onChange?.();
  }

  told(): void {
    this.#start();
  }

  limitChanged(): void {
    this.#start();
    for (const user of this.#users) user.limitChanged();
  }

  limitFailed(error: unknown): void {
    for (const user of this.#users) user.limitFailed(error);
  }

  #open(): void {
    const { waitMs, clock } = this.#rules;
    const batch = new Batch<T, R>(this);
    this.#filling = batch;
    if (waitMs !== undefined) this.#cancelTimer = clock.after(waitMs, () => this.flush());
    else void Promise.resolve().then(() => batch === this.#filling && this.flush());
  }

  #seal(): void {
    this.#full.push(this.#forget()!);
    this.#start();
  }

  /** Lets go of the batch that is filling. */
  #forget(): Batch<T, R> | undefined {
    const batch = this.#filling;
    this.#cancelTimer?.();
    this.#filling = this.#cancelTimer = undefined;
    this.#isDue = false;
    return batch;
  }

  #start(): void {
    // Not from within itself, where batches are answered at once: many would take as deep a stack.
    if (this.#starting) return;
    this.#starting = true;
    while (this.#places.isFree && (this.#full.length > 0 || this.#isDue)) {
      const batch = this.#full.shift() ?? this.#forget()!;
      if (batch.size > 0) this.#run(batch);
    }
    this.#starting = false;
  }

  #run(batch: Batch<T, R>): void {
    this.#places.take(batch);
    this.waiting -= batch.size;
    this.sent += batch.size;
    this.started++;
    batch.start(this.#rules.load);
    this.onChange?.();
  }
}

// Kept beside the handles that users hold, so that their types need not show what is in here.
const batchesOfHandle = /* @__PURE__ */ new WeakMap<object, Batches<unknown, unknown>>();

export function keepBatches<T, R>(handle: object, batches: Batches<T, R>): void {
  batchesOfHandle.set(handle, batches as unknown as Batches<unknown, unknown>);
}

/** @throws ConfigError, naming the field, when nothing is kept for the handle */
export function batchesOf<T, R>(handle: object, field: string): Batches<T, R> {
  const batches = batchesOfHandle.get(handle);
  if (!batches) throw new ConfigError(field, 'give a function that loads, or what createBatcher() made');
  return batches as unknown as Batches<T, R>;
}
