/** What an adapter exports under the name `open`: reads a stream until `count` events are there, and leaves it. */
export type Open = (origin: string) => (path: string, count: number) => Promise<number>;

/** Counts events, and what their data weighs. */
export class Tally {
  readonly #count: number;
  readonly #done: (weight: number) => void;
  #seen = 0;
  #weight = 0;

  constructor(count: number, done: (weight: number) => void) {
    this.#count = count;
    this.#done = done;
  }

  readonly add = ({ data }: { readonly data: string }): void => {
    this.#weight += data.length;
    if (++this.#seen === this.#count) this.#done(this.#weight);
  };
}

/** The constructor of the platform's `EventSource`, and of those that are like it. */
interface EventSourceLike {
  addEventListener(type: string, listener: (event: { readonly data: string }) => void): void;
  close(): void;
}

/** Reads with an `EventSource`. Only unnamed events reach `onmessage`. */
export const openWith =
  (EventSource: new (url: string) => unknown): Open =>
  (origin) =>
  (path, count) =>
    new Promise((resolve, reject) => {
      const source = new EventSource(origin + path) as EventSourceLike;
      const tally = new Tally(count, (weight) => {
        source.close();
        resolve(weight);
      });
      source.addEventListener('message', tally.add);
      source.addEventListener('error', () => {
        source.close();
        reject(new Error('the stream broke'));
      });
    });
