import { Observable, Subscriber } from 'rxjs';

import type { FlowSubscriber } from '../core/demand.js';
import { Flow } from '../core/flow.js';
import type { PROGRESS } from '../core/progress.js';
import type { ConnectionEvent, StreamEvent } from './stream-events.js';

/** How many bytes have moved, and how many there are where that is known. */
export interface ByteProgress {
  /** `isProgress` is true of it. */
  readonly [PROGRESS]: true;
  readonly type: 'upload' | 'download';
  /** Which connection of this subscription, counted from 1. */
  readonly attempt: number;
  /** From the first byte on, those of earlier subscriptions included; goes back where bytes have to be moved again. */
  readonly loaded: number;
  readonly total: number | undefined;
}

/** What happens while bytes are moved: the states of the connection, progress, and values among them. */
export type TransferEvent<T, C> = StreamEvent<T, C> | ByteProgress;

/** Hears what happens while bytes are moved. */
export type TellTransfer<C> = (event: ConnectionEvent<C> | ByteProgress) => void;

/** Starts one run; `tell` is `undefined` where nobody looks at events. */
export type StartTransfer<T, C> = (to: FlowSubscriber<T>, tell: TellTransfer<C> | undefined) => void;

/** Makes events of values. Its end, either way, is that of the transfer. */
class ValueTeller<T, C> extends Subscriber<T> {
  readonly #to: Subscriber<TransferEvent<T, C>>;

  constructor(to: Subscriber<TransferEvent<T, C>>) {
    super(to);
    this.#to = to;
  }

  protected override _next(value: T): void {
    this.#to.next({ type: 'value', value });
  }
}

/** A transfer of bytes that outlives its connections: a {@link Flow} with `events()`. */
export class TransferFlow<T, C> extends Flow<T> {
  readonly #start: StartTransfer<T, C>;

  /** @internal */
  constructor(start: StartTransfer<T, C>) {
    super({ subscribe: (to) => start(to, undefined) });
    this.#start = start;
  }

  /** What happens on the way, with the values among it. A subscription of its own. */
  events(): Observable<TransferEvent<T, C>> {
    return new Observable((subscriber) => {
      const values = new Flow<T>({ subscribe: (to) => this.#start(to, (event) => subscriber.next(event)) });
      values.subscribe(new ValueTeller(subscriber));
    });
  }
}
