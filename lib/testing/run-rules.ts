import { config, take } from 'rxjs';

import type { Flow } from '../core/flow.js';
import { type Probe, probe, quiet, until } from './flow-probe.js';
import type { Rule } from './rule.js';

const MANY = Infinity;

/** Runs a loop beside the check, which a flow that never ends must not hold up; leaves it after `most` values. */
function loop(flow: Flow<unknown>, into: unknown[], most = Infinity): { is: boolean } {
  const left = { is: false };
  const run = async (): Promise<void> => {
    for await (const value of flow) if (into.push(value) === most) break;
    left.is = true;
  };
  run().catch((error: unknown) => into.push(error));
  return left;
}

/** The rules on runs and the subscribers they serve, RxJS's and loops included. */
export const RUN_RULES: readonly Rule[] = [
  {
    id: '1.11',
    title: 'gives each subscriber a run of its own',
    needs: 3,
    async check({ of, expect }) {
      const flow = of(3);
      const [left, stayed, late] = [probe(flow), probe(flow, 1), probe(flow)];
      await stayed.has(1);
      left.cancel();
      stayed.request(Infinity);
      await stayed.ended();
      late.request(Infinity);
      await late.ended();
      expect({ values: late.values, ending: late.ending }).toEqual({ values: stayed.values, ending: 'complete' });
    },
  },
  {
    id: '2.6',
    title: 'ends with an RxJS subscriber that has enough, and with a loop that is left',
    needs: 3,
    async check({ of, expect }) {
      const pushed: unknown[] = [];
      const pulled: unknown[] = [];
      of(MANY)
        .pipe(take(2))
        .subscribe({ next: (value) => pushed.push(value), error: (error) => pushed.push(error) });
      const left = loop(of(MANY), pulled, 2);
      await until(() => pushed.length > 1 && left.is);
      expect({ pushed: pushed.length, pulled: pulled.length, left: left.is }).toEqual({
        pushed: 2,
        pulled: 2,
        left: true,
      });
    },
  },
  {
    id: '2.13',
    title: 'cancels a subscriber that throws, and reports what it threw',
    needs: 3,
    async check({ of, expect }) {
      const { onUnhandledError } = config;
      const reported: unknown[] = [];
      config.onUnhandledError = (error) => reported.push(error);
      const mine = new Error('thrown by the subscriber');
      const throwing = (): never => {
        throw mine;
      };
      const one: Probe = probe(of(MANY), Infinity, throwing);
      await until(() => reported.length > 0);
      one.request(5);
      await quiet();
      config.onUnhandledError = onUnhandledError;
      expect({ same: reported[0] === mine, values: one.values.length }).toEqual({ same: true, values: 1 });
    },
  },
  {
    id: 'observable',
    title: 'sends an RxJS subscriber everything, and a loop the same',
    needs: 3,
    async check({ of, expect }) {
      const flow = of(3);
      const pushed: unknown[] = [];
      let over = false;
      flow.subscribe({
        next: (value) => pushed.push(value),
        error: (error) => pushed.push(error),
        complete: () => (over = true),
      });
      const pulled: unknown[] = [];
      const left = loop(flow, pulled);
      await until(() => over && left.is);
      const one = probe(flow, Infinity);
      await one.ended();
      expect({ pushed, pulled, over }).toEqual({ pushed: one.values, pulled: one.values, over: true });
    },
  },
];
