import { range } from 'rxjs';

import type { FlowOperator } from '../core/flow.js';
import { type Probe, probe, quiet, until } from './flow-probe.js';
import type { Expect } from './runner.js';
import { Upstream } from './upstream.js';

/** What a rule on operators is checked with. */
export interface StageTrial {
  readonly expect: Expect;
  make(): FlowOperator<number, unknown>;
  /** Values that the operator may pull ahead of what is needed for the demand below. */
  readonly bound: number;
  /** Results that are asked for one by one. */
  readonly results: number;
}

export interface StageRule {
  readonly id: string;
  readonly title: string;
  check(trial: StageTrial): void | Promise<void>;
}

/** More than any operator needs for the few results that the rules ask for. */
const MOST_SENT = 1_000;

/** Sends all that is asked for, one value at a time, with time between for what the operator starts. */
async function answerAll(source: Upstream, enough: () => boolean = () => false): Promise<void> {
  while (!enough() && source.sent < MOST_SENT && source.answer()) await quiet();
}

/** How many values of the source it takes to get each result, when nothing holds the operator back. */
async function costs(make: () => FlowOperator<number, unknown>, results: number): Promise<number[]> {
  const source = new Upstream();
  const below = probe(source.flow.via(make()), Infinity);
  const sentFor: number[] = [];
  while (sentFor.length < results && source.sent < MOST_SENT && below.ending === undefined) {
    source.send();
    await quiet();
    while (sentFor.length < below.values.length) sentFor.push(source.sent);
  }
  below.cancel();
  return sentFor.slice(0, results);
}

function staged<R>(make: () => FlowOperator<number, R>, n = 0): { source: Upstream; below: Probe<R> } {
  const source = new Upstream();
  return { source, below: probe(source.flow.via(make()), n) };
}

/** The rules of Reactive Streams 1.0.4 on subscribers and processors: sections 2 and 4, and the bound on what is held. */
export const STAGE_RULES: readonly StageRule[] = [
  {
    id: 'bound',
    title: 'pulls no more than it says ahead of what is asked for below',
    async check({ make, bound, results, expect }) {
      const needed = await costs(make, results);
      const { source, below } = staged(make);
      await answerAll(source);
      const ahead = [source.sent];
      for (const cost of needed) {
        below.request(1);
        await answerAll(source);
        ahead.push(source.sent - cost);
      }
      below.cancel();
      const over = ahead.filter((pulled) => pulled > bound).length > 0 ? `pulled ahead: ${ahead.join(', ')}` : 'none';
      expect(over).toEqual('none');
    },
  },
  {
    id: 'replenish',
    title: 'goes on asking upstream until what was asked for long ago has come',
    async check({ make, results, expect }) {
      const { source, below } = staged(make, results);
      await answerAll(source, () => below.values.length >= results);
      expect({ results: below.values.length, bad: source.badRequests }).toEqual({ results, bad: [] });
      below.cancel();
    },
  },
  {
    id: '2.3',
    title: 'calls nothing of upstream from within onComplete and onError',
    async check({ make, expect }) {
      const done = staged(make, Infinity);
      done.source.send();
      done.source.complete();
      const lost = staged(make, Infinity);
      lost.source.send();
      lost.source.fail(new Error('lost'));
      await quiet();
      expect([done.source.inTerminal, lost.source.inTerminal]).toEqual([[], []]);
    },
  },
  {
    id: '2.5',
    title: 'cancels a second demand and keeps the first',
    async check({ make, results, expect }) {
      const { source, below } = staged(make, Infinity);
      let cancelled = 0;
      source.presentAgain({ request: () => undefined, cancel: () => cancelled++ });
      await answerAll(source, () => below.values.length >= results);
      expect({ cancelled, cancels: source.cancels, results: Math.min(below.values.length, results) }).toEqual({
        cancelled: 1,
        cancels: 0,
        results,
      });
      below.cancel();
    },
  },
  {
    id: '2.6',
    title: 'cancels upstream at once when it is cancelled',
    async check({ make, expect }) {
      const { source, below } = staged(make, Infinity);
      source.send();
      below.cancel();
      expect(source.cancels > 0).toEqual(true);
    },
  },
  {
    id: '2.8',
    title: 'sends nothing of what still comes after cancel',
    async check({ make, expect }) {
      const { source, below } = staged(make, Infinity);
      await quiet();
      below.cancel();
      for (let n = 0; n < 10; n++) source.send();
      source.complete();
      await quiet();
      expect(below.calls).toEqual(['onSubscribe']);
    },
  },
  {
    id: '2.9',
    title: 'takes completion without demand',
    async check({ make, expect }) {
      const { source, below } = staged(make);
      source.complete();
      below.request(Infinity);
      await below.ended();
      expect(below.ending).toEqual('complete');
    },
  },
  {
    id: '2.10',
    title: 'takes an error without demand',
    async check({ make, expect }) {
      const lost = new Error('lost');
      const { source, below } = staged(make);
      source.fail(lost);
      below.request(Infinity);
      await below.ended();
      expect({ ending: below.ending, same: below.error === lost }).toEqual({ ending: 'error', same: true });
    },
  },
  {
    id: '3.10',
    title: 'completes when the source completes within a request',
    async check({ make, expect }) {
      const { source, below } = staged(make);
      source.onRequest = () => {
        source.onRequest = () => undefined;
        source.send();
        source.complete();
      };
      below.request(Infinity);
      await below.ended();
      expect(below.ending).toEqual('complete');
    },
  },
  {
    id: '4.2',
    title: 'passes an error on at once, as the same object, even when nothing more is asked for',
    async check({ make, expect }) {
      const lost = new Error('lost');
      const { source, below } = staged(make, Infinity);
      source.send();
      await quiet();
      source.fail(lost);
      await until(() => below.ending !== undefined);
      const ends = below.calls.filter((call) => call === 'onError' || call === 'onComplete');
      expect({ ends, same: below.error === lost }).toEqual({ ends: ['onError'], same: true });
    },
  },
  {
    id: 'silent',
    title: 'stays silent over a source that never sends, and leaves it when cancelled',
    async check({ make, expect }) {
      const { source, below } = staged(make, Infinity);
      await quiet();
      below.cancel();
      expect({ calls: below.calls, left: source.cancels > 0 }).toEqual({ calls: ['onSubscribe'], left: true });
    },
  },
  {
    id: 'pipe',
    title: 'does in the pipe of a plain Observable what it does in a Flow',
    async check({ make, expect }) {
      const { source, below } = staged(make, Infinity);
      for (let n = 0; n < 5; n++) source.send();
      source.complete();
      await below.ended();
      const piped: unknown[] = [];
      let over = false;
      range(1, 5)
        .pipe(make())
        .subscribe({ next: (value) => piped.push(value), complete: () => (over = true) });
      await until(() => over);
      expect({ piped, over }).toEqual({ piped: below.values, over: true });
    },
  },
];
