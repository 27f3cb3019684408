/** What a subscriber holds of a running stream: how much it may send, and the way to stop it. */
export interface Demand {
  /**
   * Allows `n` more values; demand adds up, `Infinity` lifts the bound.
   *
   * @param n - a positive whole number or `Infinity`; anything else fails the stream with a `RangeError`
   */
  request(n: number): void;
  /** Stops the stream at once and lets go of the subscriber; calling it again does nothing. */
  cancel(): void;
}

/** The receiving end of a {@link Publisher}, as Reactive Streams 1.0.4 defines it. */
export interface FlowSubscriber<T> {
  /** Comes first, once. */
  onSubscribe(demand: Demand): void;
  /** At most as often as was requested, never inside another `onNext`. */
  onNext(value: T): void;
  onError(error: unknown): void;
  onComplete(): void;
}

/** The sending end: each subscription is its own run. */
export interface Publisher<T> {
  subscribe(subscriber: FlowSubscriber<T>): void;
}

/** What Reactive Streams rule 3.9 asks for when a request is not a positive whole number; `undefined` when it is. */
export function badRequest(n: number): RangeError | undefined {
  if (n > 0 && (Number.isInteger(n) || n === Infinity)) return undefined;
  return new RangeError(
    `request(${String(n)}): ask for a positive whole number or Infinity (Reactive Streams rule 3.9)`,
  );
}
