import { range } from 'rxjs';

import { probe, quiet, until } from './flow-probe.js';
import { answerAll, costs, staged, type StageRule } from './stage.js';
import { Upstream } from './upstream.js';

/** The rules of Reactive Streams 1.0.4 on processors, section 4, and the bound on what they hold. */
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
    id: '3.10',
    title: 'completes when the source completes within a request',
    async check({ make, expect }) {
      const source = new Upstream();
      source.onRequest = () => {
        source.onRequest = () => undefined;
        source.send();
        source.complete();
      };
      const below = probe(source.flow.via(make()));
      below.request(Infinity);
      await below.ended();
      expect(below.ending).toEqual('complete');
    },
  },
  {
    id: '4.2',
    title: 'passes an error on, once and as the same object',
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
      const ended = (error?: unknown): void => void (over = error === undefined);
      range(1, 5)
        .pipe(make())
        .subscribe({ next: (value) => piped.push(value), error: ended, complete: ended });
      await until(() => over);
      expect({ piped, over }).toEqual({ piped: below.values, over: true });
    },
  },
];
