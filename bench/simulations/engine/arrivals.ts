import type { Clock } from 'millrace';

import type { Chance } from './chance.ts';

/** Calls somebody at random moments, `perSecond` on average; a function may change that over time. */
export function arrivals(clock: Clock, chance: Chance, perSecond: number | (() => number), each: () => void): void {
  const rate = typeof perSecond === 'function' ? perSecond : () => perSecond;
  const next = (): void => {
    clock.after(chance.exponential(1000 / rate()), () => {
      next();
      each();
    });
  };
  next();
}
