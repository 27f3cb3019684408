import { config } from 'rxjs';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { Flow } from '../../lib/core/flow.js';
import type { ApiEvent } from '../../lib/http/answer-types.js';
import { LayeredRun, type RunOwner } from '../../lib/http/layered-run.js';
import type { Producer } from '../../lib/http/receiver.js';
import { probe } from '../../lib/testing/flow-probe.js';
import { obeysTheFlowRules } from '../../lib/testing/flow-rules.js';
import { gc } from '../support/gc.js';

const event = (value: number): ApiEvent<unknown> => ({ type: 'value', attempt: 1, value });

/** Sends while there is room, as what reads a body does. */
class Counting implements Producer {
  sent = 0;
  readonly #run: LayeredRun;
  readonly #count: number;

  constructor(run: LayeredRun, count: number) {
    this.#run = run;
    this.#count = count;
  }

  start(): void {
    this.resume();
  }

  resume(): void {
    while (this.sent < this.#count && !this.#run.closed && this.#run.room()) this.#run.next(event(++this.sent));
    if (this.sent === this.#count) this.#run.complete();
  }

  cancel(): void {}
}

const owner = (room = true): RunOwner => ({ room: () => room, left: vi.fn() });

/** A flow whose runs do what `make` says. */
const flowOf = (make: (run: LayeredRun) => Producer, by: RunOwner = owner()): Flow<ApiEvent<unknown>> =>
  new Flow({
    subscribe(to) {
      const run = new LayeredRun(to, by);
      run.run(() => make(run));
    },
  });

const failing = (error: unknown) => flowOf((run) => ({ ...idle(), start: () => run.error(error) }));
const idle = (): Producer => ({ start: () => {}, resume: () => {}, cancel: () => {} });

afterEach(() => {
  config.onUnhandledError = null;
});

describe('a run inside of layers', () => {
  obeysTheFlowRules((count) => flowOf((run) => new Counting(run, count)), { it, expect, gc, failing });

  it('keeps one event ahead of what is asked for, and no more', () => {
    const producers: Counting[] = [];
    const one = probe(flowOf((run) => (producers[producers.length] = new Counting(run, 100))));
    const before = producers[0]!.sent;
    one.request(3);
    expect([before, one.values.length, producers[0]!.sent]).toEqual([1, 3, 4]);
  });

  it('has no room while its owner has none, whatever is asked for', () => {
    const one = probe(flowOf((run) => new Counting(run, 100), owner(false)));
    one.request(5);
    expect(one.values).toEqual([]);
  });

  it('fails with what making the run throws', () => {
    const mine = new Error('the layer changed the request');
    const one = probe(
      flowOf(() => {
        throw mine;
      }),
    );
    expect([one.ending, one.error]).toEqual(['error', mine]);
  });

  it('sends what waits before an error', () => {
    const mine = new Error('connection lost');
    const one = probe(
      flowOf((run) => ({
        ...idle(),
        start() {
          run.next(event(1));
          run.error(mine);
          run.next(event(2));
        },
      })),
    );
    const before = one.ending;
    one.request(5);
    expect([before, one.values, one.error]).toEqual([undefined, [event(1)], mine]);
  });

  it('cancels the run and leaves its owner when the subscriber goes', () => {
    const by = owner();
    const cancel = vi.fn();
    const one = probe(flowOf(() => ({ ...idle(), cancel }), by));
    one.cancel();
    one.cancel();
    expect([cancel.mock.calls.length, vi.mocked(by.left).mock.calls.length]).toEqual([1, 1]);
  });
});
