import { concat, EMPTY, NEVER, Observable, of, range, Subject, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';

import { Flow } from '../../lib/core/flow.js';
import { waitingPublisher } from '../../lib/core/waiting.js';
import { probe } from '../../lib/testing/flow-probe.js';
import { obeysTheFlowRules } from '../../lib/testing/flow-rules.js';
import { gc } from '../support/gc.js';

const waiting = <T>(source: Observable<T>): Flow<T> => new Flow(waitingPublisher(source));
const upTo = (count: number) => (count === Infinity ? concat(range(1, 25_000), NEVER) : range(1, count));

describe('waitingPublisher', () => {
  const failing = (error: unknown) =>
    waiting(
      concat(
        of(1),
        throwError(() => error),
      ),
    );
  obeysTheFlowRules((count) => waiting(upTo(count)), { it, expect, gc, failing });

  it('keeps what comes until it is asked for, in order', () => {
    const source = new Subject<number>();
    const one = probe(waiting(source));
    for (let n = 1; n <= 1_000; n++) source.next(n);
    one.request(2);
    expect(one.values).toEqual([1, 2]);
    one.request(Infinity);
    expect(one.values).toHaveLength(1_000);
    source.next(1_001);
    expect(one.values.at(-1)).toBe(1_001);
  });

  it('ends after what waits, and at once when nothing does', () => {
    const one = probe(waiting(of(1)));
    expect(one.ending).toBeUndefined();
    one.request(1);
    expect([one.ending, probe(waiting(EMPTY)).ending]).toEqual(['complete', 'complete']);
  });

  it('stops a synchronous endless source at once', () => {
    let sent = 0;
    const endless = new Observable<number>((subscriber) => {
      while (!subscriber.closed && sent < 1_000) subscriber.next(++sent);
    });
    probe(waiting(endless), Infinity, (run) => (run.values.length === 3 ? run.cancel() : undefined));
    expect(sent).toBe(3);
  });

  it('does not subscribe for one that leaves at once', () => {
    const source = new Subject<number>();
    waitingPublisher(source).subscribe({
      onSubscribe: (demand) => demand.cancel(),
      onNext: () => undefined,
      onError: () => undefined,
      onComplete: () => undefined,
    });
    expect(source.observed).toBe(false);
  });

  it('fails at once on a bad request, and drops what waits', () => {
    const source = new Subject<number>();
    const one = probe(waiting(source));
    source.next(1);
    one.request(-1);
    expect([one.error, one.values, source.observed]).toEqual([expect.any(RangeError), [], false]);
  });
});
