import { Observable, type Subscriber } from 'rxjs';

/** A source that is pushed into by hand, for one subscriber: cheaper than a Subject, which would be most of the time. */
export class Inlet<T> {
  #subscriber: Subscriber<T> | undefined;
  readonly stream: Observable<T> = new Observable<T>((subscriber) => void (this.#subscriber = subscriber));

  next(value: T): void {
    this.#subscriber!.next(value);
  }

  complete(): void {
    this.#subscriber!.complete();
  }
}
