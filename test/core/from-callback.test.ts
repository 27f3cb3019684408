import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { readFile } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { config, firstValueFrom } from 'rxjs';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { type Done, fromCallback } from '../../lib/core/from-callback.js';
import { probe, quiet } from '../../lib/testing/flow-probe.js';
import { obeysTheFlowRules } from '../../lib/testing/flow-rules.js';
import { gc } from '../support/gc.js';

afterEach(() => {
  config.onUnhandledError = null;
});

describe('fromCallback', () => {
  describe('that is called at once', () => {
    const failing = (error: unknown) => fromCallback((done) => done(error));
    obeysTheFlowRules(() => fromCallback<number>((done) => done(null, 1)), { it, expect, gc, failing, most: 1 });
  });

  describe('that is called later', () => {
    const failing = (error: unknown) => fromCallback((done) => queueMicrotask(() => done(error)));
    const make = () => fromCallback<number>((done) => queueMicrotask(() => done(undefined, 1)));
    obeysTheFlowRules(make, { it, expect, gc, failing, most: 1 });
  });

  it('fits the functions of Node', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'millrace-'));
    await writeFile(join(folder, 'note'), 'read');
    const text$ = fromCallback<string>((done, signal) =>
      readFile(join(folder, 'note'), { encoding: 'utf8', signal }, done),
    );
    expect(await firstValueFrom(text$)).toBe('read');
    await rm(folder, { recursive: true });
    await expect(firstValueFrom(text$)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('counts the first call only', async () => {
    const flow = fromCallback<number>((done) => {
      done(null, 1);
      done(null, 2);
      done(new Error('late'));
    });
    const one = probe(flow, 5);
    await quiet();
    expect(one.calls).toEqual(['onSubscribe', 'onNext', 'onComplete']);
    expect(one.values).toEqual([1]);
  });

  it.each([0, '', false])('takes %j for an error, since only null and undefined are none', (error) => {
    const one = probe(
      fromCallback((done) => done(error)),
      1,
    );
    expect([one.ending, one.error]).toEqual(['error', error]);
  });

  it('counts what the function throws as its answer, unless it has called back', () => {
    const thrown = new Error('thrown');
    const throwing = probe(
      fromCallback(() => {
        throw thrown;
      }),
      1,
    );
    const answered = probe(
      fromCallback<number>((done) => {
        done(null, 1);
        throw thrown;
      }),
      1,
    );
    expect([throwing.error, answered.values, answered.ending]).toEqual([thrown, [1], 'complete']);
  });

  it('aborts the signal when it is cancelled, and drops a later call', () => {
    let done: Done<number> = () => undefined;
    let signal: { readonly aborted: boolean } | undefined;
    const one = probe(
      fromCallback<number>((givenDone, givenSignal) => {
        done = givenDone;
        signal = givenSignal;
      }),
      1,
    );
    one.cancel();
    done(null, 1);
    expect([signal?.aborted, one.calls]).toEqual([true, ['onSubscribe']]);
  });

  it.each<[when: string, start: (done: Done<number>) => void, cancels: boolean]>([
    ['it is cancelled', () => undefined, true],
    ['it calls back at once', (done) => done(null, 1), false],
    ['it fails at once', (done) => done(new Error('lost')), false],
    ['it calls back later', (done) => queueMicrotask(() => done(null, 1)), false],
  ])('calls the teardown once when %s', async (_, start, cancels) => {
    const teardown = vi.fn<() => void>();
    const one = probe(
      fromCallback<number>((done) => {
        start(done);
        return teardown;
      }),
      1,
    );
    if (cancels) one.cancel();
    await quiet();
    one.cancel();
    expect(teardown).toHaveBeenCalledTimes(1);
  });

  it('reports what the teardown throws', async () => {
    const reported: unknown[] = [];
    config.onUnhandledError = (error) => reported.push(error);
    const lost = new Error('lost');
    const tearDown = (): never => {
      throw lost;
    };
    probe(
      fromCallback(() => tearDown),
      1,
    ).cancel();
    await quiet();
    expect(reported).toEqual([lost]);
  });
});
