import type { Flow } from '../core/flow.js';
import { probe, quiet, until } from './flow-probe.js';
import type { Rule } from './rule.js';

const MANY = Infinity;
const DEEP = 20_000;

/** Subscribes, takes one value and cancels in a scope of its own, so that nothing here keeps the subscriber alive. */
async function takeOneAndCancel(flow: Flow<unknown>): Promise<{ left: WeakRef<object>; cancel: () => void }> {
  const one = probe(flow, 1);
  await one.has(1);
  const demand = one.demand!;
  demand.cancel();
  return { left: new WeakRef(one), cancel: () => demand.cancel() };
}

/** What a request for `n` values brings about. */
async function refusal(flow: Flow<unknown>, n: number): Promise<unknown> {
  const one = probe(flow);
  one.request(n);
  one.request(1);
  await quiet();
  const { error } = one;
  return [n, error instanceof RangeError && error.message.includes('3.9'), one.calls];
}

/** The rules of Reactive Streams 1.0.4 on what is asked, and on leaving: section 3. */
export const DEMAND_RULES: readonly Rule[] = [
  {
    id: '3.2',
    title: 'can be asked from within onSubscribe and onNext',
    needs: 3,
    async check({ of, expect }) {
      const one = probe(of(MANY), 1, (it) => (it.values.length < 3 ? it.request(1) : it.cancel()));
      await one.has(3);
      expect(one.values.length).toEqual(3);
    },
  },
  {
    id: '3.3',
    title: 'does not recurse, however often it is asked from within onNext',
    needs: DEEP,
    async check({ of, expect }) {
      const one = probe(of(MANY), 1, (it) => (it.values.length < DEEP ? it.request(1) : it.cancel()));
      await one.has(DEEP);
      expect({ values: one.values.length, deepest: one.deepest }).toEqual({ values: DEEP, deepest: 1 });
    },
  },
  {
    id: '3.5',
    title: 'takes a second cancel for nothing',
    needs: 2,
    async check({ of, expect }) {
      const one = probe(of(MANY), 1);
      await one.has(1);
      one.cancel();
      one.cancel();
      await quiet();
      expect(one.calls).toEqual(['onSubscribe', 'onNext']);
    },
  },
  {
    id: '3.6',
    title: 'takes request after cancel for nothing',
    needs: 2,
    async check({ of, expect }) {
      const one = probe(of(MANY), 1);
      await one.has(1);
      one.cancel();
      one.request(5);
      one.request(-1);
      await quiet();
      expect(one.calls).toEqual(['onSubscribe', 'onNext']);
    },
  },
  {
    id: '3.8',
    title: 'adds up demand',
    needs: 5,
    async check({ of, expect }) {
      // Asked from within onNext, where a source that answers at once cannot answer between the requests.
      const one = probe(of(MANY), 1, (it) => {
        if (it.values.length > 1) return;
        for (let n = 0; n < 3; n++) it.request(1);
      });
      await one.has(4);
      await quiet();
      expect(one.values.length).toEqual(4);
      one.cancel();
    },
  },
  {
    id: '3.9',
    title: 'fails with a RangeError that names the rule when asked for 0, a negative number, NaN or a fraction',
    needs: 0,
    async check({ of, expect }) {
      const found: unknown[] = [];
      const bad = [0, -1, NaN, 1.5, -Infinity];
      for (const n of bad) found.push(await refusal(of(1), n));
      expect(found).toEqual(bad.map((n) => [n, true, ['onSubscribe', 'onError']]));
    },
  },
  {
    id: '3.13',
    title: 'lets go of the subscriber after cancel',
    needs: 2,
    with: 'gc',
    async check({ of, gc, expect }) {
      const flow = of(MANY);
      const { left, cancel } = await takeOneAndCancel(flow);
      await until(() => {
        gc!();
        return left.deref() === undefined;
      });
      expect(left.deref() === undefined ? 'gone' : 'still held').toEqual('gone');
      cancel(); // what the run still knows must have been held until here
    },
  },
  {
    id: '3.17',
    title: 'takes more demand than a number can count for endless demand',
    needs: 3,
    async check({ of, expect }) {
      const one = probe(of(MANY), Number.MAX_SAFE_INTEGER, (it) => {
        if (it.values.length === 3) return it.cancel();
        it.request(Number.MAX_SAFE_INTEGER);
        it.request(Infinity);
      });
      await one.has(3);
      expect({ values: one.values.length, ending: one.ending }).toEqual({ values: 3, ending: undefined });
    },
  },
];
