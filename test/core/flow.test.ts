import { firstValueFrom, lastValueFrom, map, Observable, Subject, take, takeUntil, toArray } from 'rxjs';
import { describe, expect, expectTypeOf, it, vi } from 'vitest';

import type { Demand, FlowSubscriber } from '../../lib/core/demand.js';
import { FLOW, FLOW_OPERATOR, Flow, isFlow } from '../../lib/core/flow.js';
import { flowOperator } from '../../lib/core/flow-operator.js';
import { fromIterable } from '../../lib/core/from-iterable.js';
import { through } from '../../lib/core/through.js';
import { probe } from '../../lib/testing/flow-probe.js';
import { Upstream } from '../../lib/testing/upstream.js';

const double = through(map((n: number) => n * 2));
const add = (more: number) => through(map((n: number) => n + more));

describe('Flow', () => {
  it('is an Observable, and asks for everything when it is subscribed to', () => {
    const source = new Upstream();
    const received: number[] = [];
    source.flow.subscribe((n) => received.push(n));
    source.answer();
    expect([source.flow instanceof Observable, source.requested, received]).toEqual([true, Infinity, [1]]);
  });

  it('cancels its run when the subscription ends', () => {
    const source = new Upstream();
    source.flow.subscribe().unsubscribe();
    expect(source.cancels).toBe(1);
  });

  it('calls nothing of a run that is over: no cancel after completion or an error', () => {
    const [done, lost] = [new Upstream(), new Upstream()];
    done.flow.subscribe();
    done.complete();
    lost.flow.subscribe({ error: () => undefined });
    lost.fail(new Error('lost'));
    expect([done.cancels, lost.cancels]).toEqual([0, 0]);
  });

  it('cancels a second demand', () => {
    const source = new Upstream();
    source.flow.subscribe();
    const second: Demand = { request: vi.fn<() => void>(), cancel: vi.fn<() => void>() };
    source.presentAgain(second);
    expect(second.cancel).toHaveBeenCalledTimes(1);
    expect(second.request).not.toHaveBeenCalled();
  });

  it('cancels a demand that comes after the subscription has ended', () => {
    let to: FlowSubscriber<number> | undefined;
    new Flow<number>({ subscribe: (given) => (to = given) }).subscribe().unsubscribe();
    const late: Demand = { request: vi.fn<() => void>(), cancel: vi.fn<() => void>() };
    to!.onSubscribe(late);
    expect(late.cancel).toHaveBeenCalledTimes(1);
  });

  it('stops within the request where RxJS has enough', () => {
    let taken = 0;
    const counted = fromIterable({
      *[Symbol.iterator]() {
        for (;;) yield ++taken;
      },
    });
    const stop = new Subject<void>();
    counted.pipe(take(3)).subscribe();
    expect(taken).toBe(3);
    counted.pipe(takeUntil(stop)).subscribe(() => stop.next());
    expect(taken).toBe(4);
  });

  it('hands the demand of what comes after to what comes before, through any number of operators', async () => {
    const source = new Upstream();
    const one = probe(source.flow.via(double, add(1), double, add(1), double, add(1), double), 2);
    expect(source.requested).toBe(2);
    source.answer();
    expect(one.values).toEqual([30]);
    expect(await lastValueFrom(fromIterable([1, 2]).via(double).pipe(toArray()))).toEqual([2, 4]);
  });

  it('runs anew for each subscription', async () => {
    const flow = fromIterable([1, 2]).via(double);
    expect([await firstValueFrom(flow), await lastValueFrom(flow)]).toEqual([2, 4]);
  });

  it('leaves demand behind in pipe, and says so in the type', () => {
    const flow = fromIterable([1]);
    expectTypeOf(flow.via(double)).toEqualTypeOf<Flow<number>>();
    expectTypeOf(flow.pipe(double)).toEqualTypeOf<Observable<number>>();
    expectTypeOf(flow.pipe(map((n) => `${n}`))).toEqualTypeOf<Observable<string>>();
    // @ts-expect-error a stock operator does not fit via
    expect(() => flow.via(map((n: number) => n))).toThrow('via: wrap a stock operator: through(map(...))');
  });
});

describe('isFlow', () => {
  it('goes by the symbol, since there may be two copies of the package', () => {
    const foreign = Object.assign(new Observable<number>(), {
      [Symbol.for('millrace.flow/1')]: fromIterable([1])[FLOW],
    });
    expect([isFlow(fromIterable([1])), isFlow(foreign), isFlow(new Observable())]).toEqual([true, true, false]);
    expect(probe(double(foreign) as Flow<number>, 5).values).toEqual([2]);
  });
});

describe('flowOperator', () => {
  const same = flowOperator<number, number>((source, to) => source.subscribe(to));

  it('makes a Flow of a Flow, and keeps its demand', () => {
    const source = new Upstream();
    probe(same(source.flow), 3);
    expect([isFlow(same(source.flow)), source.requested, same[FLOW_OPERATOR]]).toEqual([true, 3, true]);
  });

  it('fits the pipe of a plain Observable, whose values then wait', () => {
    const source = new Subject<number>();
    const one = probe(source.pipe(same) as Flow<number>, 1);
    for (let n = 1; n <= 3; n++) source.next(n);
    expect(one.values).toEqual([1]);
    one.request(5);
    source.complete();
    expect([one.values, one.ending]).toEqual([[1, 2, 3], 'complete']);
  });

  it('throws a TypeError for a subscriber that is none', () => {
    expect(() => same(fromIterable([1]) as Flow<number>)[FLOW].subscribe(undefined as never)).toThrow(TypeError);
  });
});
