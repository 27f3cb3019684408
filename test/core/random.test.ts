import { afterEach, describe, expect, it, vi } from 'vitest';

import { systemRandom, uuid } from '../../lib/core/random.js';

const VERSION_4 = /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/;

afterEach(() => void vi.unstubAllGlobals());

describe('systemRandom', () => {
  it('gives numbers from 0 up to, not including, 1', () => {
    const drawn = Array.from({ length: 100 }, systemRandom);
    expect(drawn.every((n) => n >= 0 && n < 1)).toBe(true);
    expect(new Set(drawn).size).toBeGreaterThan(90);
  });
});

describe('uuid', () => {
  it('gives another one of version 4 each time', () => {
    const all = Array.from({ length: 100 }, uuid);
    expect(all.filter((id) => !VERSION_4.test(id))).toEqual([]);
    expect(new Set(all).size).toBe(100);
  });

  it('makes them of random bytes where the platform has no randomUUID, as in insecure contexts', () => {
    const fill = (value: number) => ({ getRandomValues: (bytes: Uint8Array) => bytes.fill(value) });
    vi.stubGlobal('crypto', fill(0xff));
    expect(uuid()).toBe('ffffffff-ffff-4fff-bfff-ffffffffffff');
    vi.stubGlobal('crypto', fill(0));
    expect(uuid()).toBe('00000000-0000-4000-8000-000000000000');
  });
});
