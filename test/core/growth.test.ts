import { getEventListeners } from 'node:events';

import { Observable, Subject, type Subscriber } from 'rxjs';
import { describe, expect, it } from 'vitest';

import { FLOW, Flow } from '../../lib/core/flow.js';
import { fromIterable } from '../../lib/core/from-iterable.js';
import type { ProjectContext } from '../../lib/core/project.js';
import { createApi } from '../../lib/http/api.js';
import { fakeTransport } from '../../lib/testing/fake-transport.js';
import { debounceMap } from '../../operators/debounce-map.js';
import { mergeOrdered } from '../../operators/merge-ordered.js';
import { retryBackoff } from '../../operators/retry-backoff.js';
import { HandClock } from '../http/hand-clock.js';
import { counted, countingRequests, countingTimers, type Counts } from '../support/counts.js';

type Job = (n: number, counts: Counts) => unknown;

const range = (n: number): number[] => Array.from({ length: n }, (_, index) => index);
const none = (): void => undefined;

/** Streams that stay open until they are closed by hand, and listen to their signals. */
class Streams {
  readonly open: Subscriber<number>[] = [];
  readonly #counts: Counts;
  listening = 0;

  constructor(counts: Counts) {
    this.#counts = counts;
  }

  readonly project = (_value: unknown, { signal }: ProjectContext): Observable<number> => {
    this.#counts.add('projects');
    return new Observable((subscriber) => {
      this.#counts.add('subscriptions');
      this.open.push(subscriber);
      signal.addEventListener('abort', none);
      this.listening++;
      return () => {
        signal.removeEventListener('abort', none);
        this.listening--;
      };
    });
  };

  close(index: number): void {
    this.open[index]!.next(index);
    this.open[index]!.complete();
  }
}

/** The same shuffle every time. */
const shuffled = (n: number): number[] => range(n).toSorted((a, b) => ((a * 7919) % n) - ((b * 7919) % n) || a - b);

const orders: Readonly<Record<string, (n: number) => number[]>> = {
  'in order': range,
  'in reverse': (n) => range(n).toReversed(),
  'at random': shuffled,
};

/** All streams are open at once, then close. */
const closing =
  (order: (n: number) => number[]): Job =>
  (n, counts) => {
    const streams = new Streams(counts);
    const values = new Observable<number>((subscriber) => {
      for (let value = 0; value < n; value++) subscriber.next(value);
      subscriber.complete();
    });
    values.pipe(mergeOrdered(streams.project, { concurrency: Infinity })).subscribe(() => counts.add('results'));
    expect(streams.listening).toBe(n);
    for (const index of order(n)) streams.close(index);
    expect([counts.get('results'), streams.listening]).toEqual([n, 0]);
  };

/** Sixteen promises at once, in order, read by a loop. */
const looping: Job = async (n, counts) => {
  const project = async (value: number): Promise<number> => (counts.add('projects'), value);
  const source = new Flow(countingRequests(fromIterable(range(n))[FLOW], counts));
  for await (const value of source.via(mergeOrdered(project))) {
    expect(value).toBe(counts.get('results'));
    counts.add('results');
  }
};

/** A value per millisecond, in bursts of five with a pause behind them; each call ends, or is superseded. */
const typing: Job = (n, counts) => {
  const hand = new HandClock();
  const streams = new Streams(counts);
  const typed = new Subject<string>();
  const isSame = (a: string, b: string): boolean => (counts.add('comparisons'), a === b);
  const clock = countingTimers(hand, counts);
  const found = typed.pipe(debounceMap(streams.project, { waitMs: 3, isSame, clock }));
  const subscription = found.subscribe(() => counts.add('results'));
  for (let value = 0; value < n; value++) {
    typed.next(`text ${value}`);
    hand.advance(value % 5 === 4 ? 4 : 1);
    if (value % 10 === 4) streams.close(streams.open.length - 1);
  }
  subscription.unsubscribe();
  expect([streams.listening, hand.pending, typed.observed]).toEqual([0, 0, false]);
};

/** Calls that run at once, fail twice and then have an answer. */
const retrying: Job = (n, counts) => {
  const hand = new HandClock();
  const clock = countingTimers(hand, counts);
  const retry = retryBackoff<number>({ when: () => true, backoff: (_error, count) => count, clock });
  for (let call = 0; call < n; call++) {
    let left = 2;
    const source = new Observable<number>((subscriber) => {
      counts.add('subscriptions');
      if (left-- > 0) return subscriber.error(new Error('unavailable'));
      subscriber.next(call);
      subscriber.complete();
    });
    source.pipe(retry).subscribe(() => counts.add('results'));
  }
  hand.advance(10);
  expect([counts.get('results'), hand.pending]).toEqual([n, 0]);
};

/** Calls that run at once, fail and are tried again. */
const calling: Job = async (n, counts) => {
  const hand = new HandClock();
  const clock = countingTimers(hand, counts);
  const fake = fakeTransport({ clock });
  const { signal } = new AbortController();
  const retry = { backoff: () => 1, budget: false } as const;
  const api = createApi({ baseUrl: 'https://cities.test', transport: fake, clock, retry });
  for (const id of range(n)) api.get(`cities/${id}`, { signal }).subscribe(() => counts.add('results'));
  for (const status of [503, 200]) {
    for (const exchange of fake.requests.slice(-n)) exchange.answer(status, { name: 'Oslo' });
    hand.advance(1);
    hand.advance(1);
  }
  counts.add('requests', fake.requests.length);
  expect([counts.get('results'), fake.requests.length, hand.pending]).toEqual([n, 2 * n, 0]);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
  await api.close();
};

const jobs: Readonly<Record<string, Job>> = {
  ...Object.fromEntries(
    Object.entries(orders).map(([name, order]) => [`mergeOrdered, closing ${name}`, closing(order)]),
  ),
  'mergeOrdered in a loop': looping,
  debounceMap: typing,
  retryBackoff: retrying,
  'the client': calling,
};

describe('ten times the items', () => {
  it.each(Object.entries(jobs))('are ten times the work at most, and leave nothing behind: %s', async (_, job) => {
    await counted(job, 10);
    const [few, leftByFew] = await counted(job, 100);
    const [many, leftByMany] = await counted(job, 1000);
    expect(many.beyond(few)).toEqual([]);
    expect([leftByFew, leftByMany]).toEqual([0, 0]);
    expect(few.get('calls of our methods')).toBeGreaterThan(100);
  });
});

describe('the guard itself', () => {
  it('finds work that grows faster, in our methods and in arrays', async () => {
    const scanning: Job = (n) => {
      const all = range(n);
      for (const one of range(n)) all.splice(all.indexOf(one), 1);
    };
    const [[few], [many]] = [await counted(scanning, 100), await counted(scanning, 1000)];
    expect(many.beyond(few)).toEqual([expect.stringMatching(/^elements of arrays: \d+, then \d+$/)]);
  });

  it('finds what is left behind', async () => {
    const kept: unknown[] = [];
    const leaking: Job = () => {
      const source = new Subject<number>();
      kept.push(source, source.pipe(mergeOrdered(() => [1])).subscribe());
    };
    const [, left] = await counted(leaking, 1);
    expect(left).toBeGreaterThan(0);
    expect(kept).toHaveLength(2);
  });
});
