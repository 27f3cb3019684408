import { lastValueFrom, retry } from 'rxjs';
import { describe, expect, it } from 'vitest';

import { NetworkError } from '../../lib/core/errors.js';
import { flaky } from '../../lib/testing/flaky.js';

describe('flaky', () => {
  it('fails so many times, then gives its value', async () => {
    expect(await lastValueFrom(flaky(2, 'fresh').pipe(retry(2)))).toBe('fresh');
    await expect(lastValueFrom(flaky(3, 'fresh').pipe(retry(2)))).rejects.toThrow('flaky: failure 3 of 3, on purpose');
  });

  it('counts the subscriptions of everyone', async () => {
    const source = flaky(1, 1);
    await expect(lastValueFrom(source)).rejects.toThrow(NetworkError);
    expect(await lastValueFrom(source)).toBe(1);
  });

  it('fails with an error that may be retried, another one each time', async () => {
    const source = flaky(2, 1);
    const errors = await Promise.all([0, 1].map(() => lastValueFrom(source).catch((error: unknown) => error)));
    expect(errors[0]).toMatchObject({ kind: 'network', retryable: true });
    expect(errors[0]).not.toBe(errors[1]);
  });

  it.each([new Error('mine'), undefined, null])('fails with the error it is given: %s', async (error) => {
    await expect(lastValueFrom(flaky(1, 1, error))).rejects.toBe(error);
  });
});
