import { quiet } from './flow-probe.js';
import { answerAll, staged, type StageRule } from './stage.js';

/** The rules of Reactive Streams 1.0.4 on what an operator does as a subscriber: section 2. */
export const SUBSCRIBER_RULES: readonly StageRule[] = [
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
];
