import { Ring } from '../ring.js';

/** The values of one key that wait. There is one only while the key has values that wait or a call that runs. */
export class KeyQueue<T> extends Ring<T> {
  readonly key: unknown;
  /** Whether a call for this key runs. */
  isBusy = false;
  /** The next one whose turn it is. */
  next: KeyQueue<T> | undefined;

  constructor(key: unknown) {
    super(1);
    this.key = key;
  }
}
