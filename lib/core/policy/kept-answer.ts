import { Observable, ReplaySubject, type Subscriber } from 'rxjs';

/**
 * The last values of a source, for those who come late.
 *
 * Also knows whether completion may follow at once: `firstValueFrom` leaves within the value, and a source left then
 * would never be known to have answered in full.
 */
export class KeptAnswer<T> extends ReplaySubject<T> {
  #sending = false;
  #left: Subscriber<void> | undefined;

  /** The last subscriber has left: emits when the source is not to be waited for any longer. */
  readonly left: Observable<void> = new Observable((subscriber) => {
    if (!this.#sending) return subscriber.next();
    this.#left = subscriber;
    void Promise.resolve().then(() => subscriber.next());
    return () => (this.#left = undefined);
  });

  override next(value: T): void {
    // Not completion, but one more value that nobody wants.
    if (this.#left) return this.#left.next();
    this.#sending = true;
    super.next(value);
    this.#sending = false;
  }
}
