import { Observable, type Subscriber } from 'rxjs';

/** What a contender exports under the name `merge`: runs a stream for each item, so many at once. */
export type Merge = (
  items: Observable<number>,
  project: (item: number) => Observable<number> | Promise<number>,
  concurrency: number,
) => Observable<number>;

/** What a shape costs grows with `n`; resolves when everything has come out. */
type Shape = (merge: Merge, n: number) => Promise<void>;

const upTo = (n: number): Observable<number> =>
  new Observable((subscriber) => {
    for (let i = 0; i < n; i++) subscriber.next(i);
    subscriber.complete();
  });

/** All items are there at once, and wait while 64 of them are worked on. */
const waiting: Shape = (merge, n) =>
  counted(
    merge(upTo(n), async (item) => item, 64),
    n,
  );

function counted(results: Observable<number>, n: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let count = 0;
    results.subscribe({
      next: () => count++,
      error: reject,
      complete: () => (count === n ? resolve() : reject(new Error(`${count} of ${n} came out`))),
    });
  });
}

/** All streams are open at once, then close in some order. */
const closing =
  (order: (n: number) => Iterable<number>): Shape =>
  async (merge, n) => {
    const open: Subscriber<number>[] = [];
    const project = (): Observable<number> => new Observable((subscriber) => void open.push(subscriber));
    const done = counted(merge(upTo(n), project, Infinity), n);
    for (const index of order(n)) {
      open[index]!.next(index);
      open[index]!.complete();
    }
    await done;
  };

function* forwards(n: number): Generator<number, void> {
  for (let i = 0; i < n; i++) yield i;
}

function* backwards(n: number): Generator<number, void> {
  for (let i = n - 1; i >= 0; i--) yield i;
}

/** The same shuffle every time. */
function shuffled(n: number): number[] {
  const all = Array.from(forwards(n));
  let seed = 42;
  for (let i = n - 1; i > 0; i--) {
    seed = (seed * 1_664_525 + 1_013_904_223) >>> 0;
    const other = seed % (i + 1);
    [all[i], all[other]] = [all[other]!, all[i]!];
  }
  return all;
}

export const shapes: Readonly<Record<string, Shape>> = {
  waiting,
  'in-order': closing(forwards),
  reversed: closing(backwards),
  random: closing(shuffled),
};
