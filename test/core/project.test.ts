import { describe, expect, it } from 'vitest';

import { LazyContext } from '../../lib/core/project.js';

describe('LazyContext', () => {
  it('gives the same signal each time', () => {
    const context = new LazyContext();
    expect(context.signal).toBe(context.signal);
    expect(context.signal.aborted).toBe(false);
  });

  it('aborts the signal', () => {
    const context = new LazyContext();
    const { signal } = context;
    context.abort();
    expect(signal.aborted).toBe(true);
  });

  it('gives an aborted signal to whoever reads it too late', () => {
    const context = new LazyContext();
    context.abort();
    expect(context.signal.aborted).toBe(true);
  });
});
