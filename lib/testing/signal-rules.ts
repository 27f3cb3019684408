import { FLOW } from '../core/flow.js';
import { probe, quiet } from './flow-probe.js';
import type { Rule } from './rule.js';

const MANY = Infinity;

/** The rules of Reactive Streams 1.0.4 on what is sent, and when: section 1. */
export const SIGNAL_RULES: readonly Rule[] = [
  {
    id: '1.1',
    title: 'sends no more values than were requested',
    needs: 4,
    async check({ of, expect }) {
      const one = probe(of(MANY), 1);
      await one.has(1);
      await quiet();
      expect(one.values.length).toEqual(1);
      one.request(2);
      await one.has(3);
      await quiet();
      expect(one.values.length).toEqual(3);
      one.cancel();
    },
  },
  {
    id: '1.2',
    title: 'may send fewer values than were requested, and then ends',
    needs: 2,
    async check({ of, expect }) {
      const one = probe(of(2), 1_000);
      await one.ended();
      expect({ ending: one.ending, few: one.values.length < 1_000 }).toEqual({ ending: 'complete', few: true });
    },
  },
  {
    id: '1.3',
    title: 'sends no value from within another',
    needs: 10,
    async check({ of, expect }) {
      const one = probe(of(MANY), 1, (it) => (it.values.length < 10 ? it.request(2) : it.cancel()));
      await one.has(10);
      expect(one.deepest).toEqual(1);
    },
  },
  {
    id: '1.4',
    title: 'tells a failure by onError, with the same object',
    needs: 0,
    with: 'failing',
    async check({ failing, expect }) {
      const lost = new Error('lost');
      const one = probe(failing!(lost), Infinity);
      await one.ended();
      expect({ ending: one.ending, same: one.error === lost }).toEqual({ ending: 'error', same: true });
    },
  },
  {
    id: '1.5',
    title: 'completes after its last value',
    needs: 1,
    async check({ of, expect }) {
      const one = probe(of(1), 1, (it) => it.request(1));
      await one.ended();
      expect(one.calls.at(-1)).toEqual('onComplete');
    },
  },
  {
    id: '1.5',
    title: 'completes when it has no value',
    needs: 0,
    async check({ of, expect }) {
      const one = probe(of(0), 1);
      await one.ended();
      expect(one.calls.at(-1)).toEqual('onComplete');
    },
  },
  {
    id: '1.6',
    title: 'takes request and cancel after the end for nothing',
    needs: 1,
    async check({ of, expect }) {
      const one = probe(of(1), Infinity);
      await one.ended();
      const calls = [...one.calls];
      one.request(1);
      one.request(0);
      one.cancel();
      await quiet();
      expect(one.calls).toEqual(calls);
    },
  },
  {
    id: '1.7',
    title: 'sends nothing after the end',
    needs: 1,
    async check({ of, expect }) {
      const one = probe(of(1), Infinity);
      await one.ended();
      await quiet();
      expect(one.calls.filter((call) => call === 'onComplete' || call === 'onError')).toEqual(['onComplete']);
      expect(one.calls.at(-1)).toEqual('onComplete');
    },
  },
  {
    id: '1.8',
    title: 'sends nothing after cancel, and stops an endless source',
    needs: 3,
    async check({ of, expect }) {
      const one = probe(of(MANY), Infinity, (it) => (it.values.length === 2 ? it.cancel() : undefined));
      await one.has(2);
      await quiet();
      expect(one.calls).toEqual(['onSubscribe', 'onNext', 'onNext']);
    },
  },
  {
    id: '1.9',
    title: 'calls onSubscribe first, once',
    needs: 1,
    async check({ of, expect }) {
      const one = probe(of(1));
      one.request(Infinity);
      await one.ended();
      expect([one.calls[0], one.calls.lastIndexOf('onSubscribe')]).toEqual(['onSubscribe', 0]);
    },
  },
  {
    id: '1.9',
    title: 'throws a TypeError for a subscriber that is none',
    needs: 0,
    check({ of, expect }) {
      let thrown: unknown;
      try {
        of(0)[FLOW].subscribe(null as never);
      } catch (error) {
        thrown = error;
      }
      expect(thrown instanceof TypeError).toEqual(true);
    },
  },
];
