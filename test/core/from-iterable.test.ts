import { config, take } from 'rxjs';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { ConfigError } from '../../lib/core/errors.js';
import { FLOW, type Flow } from '../../lib/core/flow.js';
import { fromIterable } from '../../lib/core/from-iterable.js';
import { Probe, probe, quiet } from '../../lib/testing/flow-probe.js';
import { obeysTheFlowRules } from '../../lib/testing/flow-rules.js';
import { gc } from '../support/gc.js';

function* upTo(count: number, error?: unknown): Generator<number> {
  for (let n = 1; n <= count; n++) yield n;
  if (error) throw error;
}

async function* slowlyUpTo(count: number, error?: unknown): AsyncGenerator<number> {
  yield* upTo(count, error);
}

const sync = (make: () => Iterator<number>): Flow<number> => fromIterable({ [Symbol.iterator]: make });
const async = (make: () => AsyncIterator<number>): Flow<number> => fromIterable({ [Symbol.asyncIterator]: make });

afterEach(() => {
  config.onUnhandledError = null;
});

describe('fromIterable of a synchronous iterable', () => {
  obeysTheFlowRules((count) => sync(() => upTo(count)), {
    it,
    expect,
    gc,
    failing: (error) => sync(() => upTo(1, error)),
  });

  it('takes no value ahead of demand', () => {
    let taken = 0;
    const one = probe(
      sync(() => ({ next: () => ({ done: false, value: ++taken }) })),
      2,
    );
    expect(taken).toBe(2);
    one.cancel();
  });

  it('makes an iterator per subscription, at its first request', () => {
    const make = vi.fn<() => Generator<number>>(() => upTo(1));
    const flow = sync(make);
    const [idle, asking, other] = [probe(flow), probe(flow, 1), probe(flow, 1)];
    expect([idle.values, asking.values, other.values, make.mock.calls.length]).toEqual([[], [1], [1], 2]);
  });

  it('runs the finally block of a generator when it is cancelled', () => {
    const log: string[] = [];
    function* careful(): Generator<number> {
      try {
        for (let n = 1; ; n++) yield n;
      } finally {
        log.push('closed');
      }
    }
    sync(careful)
      .pipe(take(2))
      .subscribe((n) => log.push(`${n}`));
    expect(log).toEqual(['1', '2', 'closed']);
  });

  it('does not close an iterator that is done, has thrown, or was never made', () => {
    const close = vi.fn<() => IteratorResult<number>>(() => ({ done: true, value: undefined }));
    const thrower = (): never => {
      throw new Error('lost');
    };
    probe(
      sync(() => ({ next: () => ({ done: true, value: 0 }), return: close })),
      1,
    ).cancel();
    probe(
      sync(() => ({ next: thrower, return: close })),
      1,
    ).cancel();
    probe(sync(() => ({ next: thrower, return: close }))).cancel();
    expect(close).not.toHaveBeenCalled();
  });

  it('closes a generator that cancels its own run as soon as it yields', () => {
    const log: string[] = [];
    const one = new Probe<number>((run) => run.request(5));
    function* suicidal(): Generator<number> {
      try {
        yield 1;
        one.cancel();
        yield 2;
      } finally {
        log.push('closed');
      }
    }
    sync(suicidal)[FLOW].subscribe(one);
    expect({ values: one.values, log }).toEqual({ values: [1], log: ['closed'] });
  });

  it('reports what return throws, since nobody is left to tell', async () => {
    const reported: unknown[] = [];
    config.onUnhandledError = (error) => reported.push(error);
    const lost = new Error('lost while closing');
    const close = (): never => {
      throw lost;
    };
    probe(
      sync(() => ({ next: () => ({ done: false, value: 1 }), return: close })),
      1,
    ).cancel();
    await quiet();
    expect(reported).toEqual([lost]);
  });

  it('fails with what making the iterator throws', () => {
    const lost = new Error('lost');
    const one = probe(
      sync(() => {
        throw lost;
      }),
      1,
    );
    expect(one.error).toBe(lost);
  });

  it('takes strings, Maps and Sets', () => {
    expect(probe(fromIterable('ab'), 3).values).toEqual(['a', 'b']);
    expect(probe(fromIterable(new Map([['a', 1]])), 2).values).toEqual([['a', 1]]);
    expect(probe(fromIterable(new Set([1])), 2).values).toEqual([1]);
  });
});

describe('fromIterable of an asynchronous iterable', () => {
  const failing = (error: unknown) => async(() => slowlyUpTo(1, error));
  obeysTheFlowRules((count) => async(() => slowlyUpTo(count)), { it, expect, gc, failing });

  it('has one next pending at most, however much is asked for', async () => {
    let pending = 0;
    let most = 0;
    const next = async (): Promise<IteratorResult<number>> => {
      most = Math.max(most, ++pending);
      await Promise.resolve();
      pending--;
      return { done: false, value: 1 };
    };
    const one = probe(
      async(() => ({ next })),
      1,
      (run) => (run.values.length < 20 ? run.request(2) : run.cancel()),
    );
    await one.has(20);
    expect(most).toBe(1);
  });

  it('takes no value ahead of demand', async () => {
    let taken = 0;
    const one = probe(
      async(() => ({ next: async () => ({ done: false, value: ++taken }) })),
      2,
    );
    await one.has(2);
    await quiet();
    expect(taken).toBe(2);
  });

  it('drops a value that comes after cancel, and closes the iterator', async () => {
    let answer: (step: IteratorResult<number>) => void = () => undefined;
    const close = vi.fn<() => Promise<IteratorResult<number>>>(async () => ({ done: true, value: undefined }));
    const one = probe(
      async(() => ({ next: () => new Promise((resolve) => (answer = resolve)), return: close })),
      1,
    );
    one.cancel();
    answer({ done: false, value: 1 });
    await quiet();
    expect([one.values, close.mock.calls.length]).toEqual([[], 1]);
  });

  it('reports what return rejects with or throws', async () => {
    const reported: unknown[] = [];
    config.onUnhandledError = (error) => reported.push(error);
    const [rejected, thrown] = [new Error('rejected'), new Error('thrown')];
    const next = async () => ({ done: false, value: 1 });
    probe(
      async(() => ({ next, return: () => Promise.reject(rejected) })),
      1,
    ).cancel();
    probe(
      async(() => ({
        next,
        return: () => {
          throw thrown;
        },
      })),
      1,
    ).cancel();
    await quiet();
    expect(reported.toSorted()).toEqual([rejected, thrown].toSorted());
  });

  it('fails with what next throws, and with what reading its answer throws', async () => {
    const lost = new Error('lost');
    const thrower = (): never => {
      throw lost;
    };
    const throwing = probe(
      async(() => ({ next: thrower })),
      1,
    );
    const broken = probe(
      async(() => ({ next: async () => Object.defineProperty({} as never, 'done', { get: thrower }) })),
      1,
    );
    await broken.ended();
    expect([throwing.error, broken.error]).toEqual([lost, lost]);
  });

  it('is preferred where an object iterates both ways', async () => {
    const both = { [Symbol.iterator]: () => upTo(1), [Symbol.asyncIterator]: () => slowlyUpTo(2) };
    const one = probe(fromIterable<number>(both), 5);
    await one.ended();
    expect(one.values).toEqual([1, 2]);
  });
});

describe('fromIterable of something else', () => {
  it.each([[undefined], [null], [5], [{}], [() => [1]]])(
    'refuses %s when it is called, and says what to give',
    (value) => {
      expect(() => fromIterable(value as never)).toThrow(ConfigError);
      expect(() => fromIterable(value as never)).toThrow('iterable: give an array');
    },
  );
});
