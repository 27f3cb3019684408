import { describe, expect, it } from 'vitest';

import { watchMemory } from '../../examples/cities/ui/memory.js';

describe('watchMemory', () => {
  it('tells objects that are kept from garbage', () => {
    const watch = watchMemory(0);
    const make = (): string[] => Array.from({ length: 100_000 }, (_, index) => `city number ${index} of a long list`);
    for (let round = 0; round < 5; round++) make();
    watch.sample();
    const garbage = watch.growth.inUse;
    const kept = [make(), make(), make()];
    watch.sample();

    expect(garbage).toBeLessThan(5e6);
    expect(watch.growth.inUse).toBeGreaterThan(10e6);
    expect(kept).toHaveLength(3);
  });
});
