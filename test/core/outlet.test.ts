import { config } from 'rxjs';
import { afterEach, describe, expect, it } from 'vitest';

import { Flow } from '../../lib/core/flow.js';
import { Outlet } from '../../lib/core/outlet.js';
import { Probe, probe, quiet } from '../../lib/testing/flow-probe.js';
import { obeysTheFlowRules } from '../../lib/testing/flow-rules.js';
import { gc } from '../support/gc.js';

/** The least an outlet can be: counts. */
class Counter extends Outlet<number> {
  readonly log: string[] = [];
  readonly #count: number;
  readonly #error: unknown;
  #sent = 0;

  constructor(to: ConstructorParameters<typeof Outlet<number>>[0], count: number, error?: unknown) {
    super(to);
    this.#count = count;
    this.#error = error;
  }

  finish(error?: unknown): void {
    if (error) this.fail(error);
    else this.complete();
  }

  protected override pull(): boolean {
    if (this.#sent === this.#count) {
      this.finish(this.#error);
      return false;
    }
    this.emit(++this.#sent);
    return true;
  }

  protected override idle(wanted: number): void {
    this.log.push(`idle ${wanted}`);
  }

  protected override release(): void {
    this.log.push('release');
  }
}

const counts = (count: number, error?: unknown): Flow<number> =>
  new Flow({ subscribe: (to) => new Counter(to, count, error).start() });

afterEach(() => {
  config.onUnhandledError = null;
});

describe('an outlet', () => {
  obeysTheFlowRules((count) => counts(count), { it, expect, gc, failing: (error) => counts(1, error) });

  it('sends what is asked for within onSubscribe after onSubscribe has returned', () => {
    const order: string[] = [];
    const one = new Probe<number>(
      (run) => {
        run.request(1);
        order.push('subscribed');
      },
      () => order.push('value'),
    );
    new Counter(one, 1).start();
    expect(order).toEqual(['subscribed', 'value']);
  });

  it('tells of an end from within a value only when the value has been taken', () => {
    const order: string[] = [];
    const one: Probe<number> = new Probe<number>(undefined, () => {
      counter.finish(new Error('lost'));
      order.push(`ended: ${one.ending}`);
    });
    const counter = new Counter(one, 5);
    counter.start();
    one.request(3);
    expect([order, one.values, one.ending]).toEqual([['ended: undefined'], [1], 'error']);
  });

  it('tells of a bad request from within a value only when the value has been taken', () => {
    const order: unknown[] = [];
    const one = probe(counts(5), 3, (run) => {
      run.request(0);
      order.push(run.ending);
    });
    expect([order, one.values, one.error]).toEqual([[undefined], [1], expect.any(RangeError)]);
  });

  it('keeps to its first end', () => {
    const one = new Probe<number>();
    const counter = new Counter(one, 5);
    counter.finish(new Error('first'));
    counter.finish();
    counter.start();
    expect([one.ending, (one.error as Error).message]).toEqual(['error', 'first']);
  });

  it('releases what it holds once, when it ends or is cancelled', () => {
    const [done, left] = [new Probe<number>(), new Probe<number>()];
    const counters = [new Counter(done, 1), new Counter(left, 1)];
    for (const counter of counters) counter.start();
    done.request(2);
    done.cancel();
    left.cancel();
    left.cancel();
    expect(counters.map(({ log }) => log)).toEqual([
      ['idle 0', 'release'],
      ['idle 0', 'release'],
    ]);
  });

  it('leaves a subscriber whose onSubscribe throws, and lets the caller hear of it', () => {
    const lost = new Error('lost');
    const throwing = new Probe<number>(() => {
      throw lost;
    });
    const counter = new Counter(throwing, 1);
    expect(() => counter.start()).toThrow(lost);
    throwing.request(5);
    expect([counter.log, throwing.calls]).toEqual([['release'], ['onSubscribe']]);
  });

  it.each(['onError', 'onComplete'] as const)('reports what %s throws', async (call) => {
    const reported: unknown[] = [];
    config.onUnhandledError = (error) => reported.push(error);
    const mine = new Error('mine');
    const one = Object.assign(new Probe<number>(), {
      [call]: () => {
        throw mine;
      },
    });
    const counter = new Counter(one, 0, call === 'onError' ? new Error('lost') : undefined);
    counter.start();
    one.request(1);
    await quiet();
    expect([reported, counter.log]).toEqual([[mine], ['idle 0', 'release']]);
  });
});
