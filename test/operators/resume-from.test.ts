import { concat, NEVER, type Observable, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';

import { ConfigError, NetworkError, TimeoutError } from '../../lib/core/errors.js';
import { type PolicyEvent, policyEvents } from '../../lib/core/policy/policy-events.js';
import { PROGRESS } from '../../lib/core/progress.js';
import { obeysTheOperatorLaws } from '../../lib/testing/laws.js';
import { operatorObeysTheFlowRules } from '../../lib/testing/operator-rules.js';
import { deadline } from '../../operators/deadline.js';
import { resumeFrom } from '../../operators/resume-from.js';
import { gc } from '../support/gc.js';
import { marble } from '../support/marble.js';

const lost = new NetworkError('connection reset', 'receive');
const foreign = new Error('foreign');
const backoff = (_error: unknown, retry: number) => retry * 2; // 2 ms, then 4 ms, then 6 ms
const itself = (value: string) => value;

describe('resumeFrom', () => {
  obeysTheOperatorLaws(
    (clock) =>
      resumeFrom<number, number>(
        (n) => n,
        () => NEVER,
        { clock },
      ),
    { it, expect },
  );
  operatorObeysTheFlowRules(
    () =>
      resumeFrom<number, number>(
        (n) => n,
        () => [],
      ),
    { it, expect, gc },
  );

  marble('goes on behind the last value, dropping nothing and repeating nothing', (t) => {
    const source = t.cold('  -a-b-#         ', undefined, lost);
    const rest = t.cold('           -c-d-|');
    const expected = '       -a-b----c-d-|';

    const opened: string[] = [];
    const open = (token: string) => (opened.push(token), rest);
    t.expectObservable(source.pipe(resumeFrom(itself, open, { backoff, clock: t.clock }))).toBe(expected);
    t.expectSubscriptions(source.subscriptions).toBe('^----!');
    t.expectSubscriptions(rest.subscriptions).toBe('  -------^----!');
    t.flush();
    expect(opened).toEqual(['b']);
  });

  marble('passes a failure on before the first value, whose retry is no resumption', (t) => {
    const source = t.cold('  --#', undefined, lost);
    const operator = resumeFrom(itself, () => NEVER, { clock: t.clock });
    t.expectObservable(source.pipe(operator)).toBe('--#', undefined, lost);
  });

  marble('passes a failure on where no value had a token', (t) => {
    const source = t.cold('  -a#', undefined, lost);
    const operator = resumeFrom<string, string>(
      () => undefined,
      () => NEVER,
      { clock: t.clock },
    );
    t.expectObservable(source.pipe(operator)).toBe('-a#', undefined, lost);
  });

  marble('passes an error on that is not transient', (t) => {
    const source = t.cold('  -a#', undefined, foreign);
    const operator = resumeFrom(itself, () => NEVER, { clock: t.clock });
    t.expectObservable(source.pipe(operator)).toBe('-a#', undefined, foreign);
  });

  marble("resumes a client's call whose own retries are used up", (t) => {
    const spent = new NetworkError('connection reset', 'receive', { retryable: false });
    const source = t.cold('  -a#', undefined, spent);
    const rest = t.cold('        b|');
    const expected = '       -a--b|';

    t.expectObservable(source.pipe(resumeFrom(itself, () => rest, { backoff, clock: t.clock }))).toBe(expected);
  });

  marble('skips what comes again, since it had no token', (t) => {
    const source = t.cold('  -1-a-b-#                 ', undefined, lost);
    const second = t.cold('           -a-#            ', undefined, lost);
    const third = t.cold('                  -a-b-c-2-|');
    const expected = '       -1-a-b---------------c-2-|';

    const rests = [second, third];
    const tokenOf = (value: string) => (/\d/.test(value) ? value : undefined);
    const options = { backoff, clock: t.clock };
    t.expectObservable(source.pipe(resumeFrom(tokenOf, () => rests.shift()!, options))).toBe(expected);
  });

  marble('counts values over all attempts, for sources that go on by an offset', (t) => {
    const source = t.cold('  ab#        ', undefined, lost);
    const second = t.cold('      c#     ', undefined, lost);
    const third = t.cold('             d|');
    const expected = '       ab--c----d|';

    const offsets: number[] = [];
    const rests = [second, third];
    const open = (offset: number) => (offsets.push(offset), rests.shift()!);
    const operator = resumeFrom((_value: string, count) => count, open, { backoff, clock: t.clock });
    t.expectObservable(source.pipe(operator)).toBe(expected);
    t.flush();
    expect(offsets).toEqual([2, 3]);
  });

  marble('fails with a rest that is no stream', (t) => {
    const source = t.cold('  a#', undefined, lost);
    const open = () => 5 as unknown as Observable<string>;
    const caught: unknown[] = [];
    source
      .pipe(resumeFrom(itself, open, { backoff, clock: t.clock }))
      .subscribe({ error: (error) => caught.push(error) });
    t.flush();
    expect(String(caught)).toContain('TypeError: no stream: 5');
  });

  marble('lets progress pass, which is neither a value nor a token', (t) => {
    const values = { p: { [PROGRESS]: true }, a: 'a', b: 'b' };
    const source = t.cold<unknown>('-p-a-p#   ', values, lost);
    const rest = t.cold<unknown>('           pb|', values);
    const expected = '             -p-a-p--pb|';

    const seen: unknown[] = [];
    const tokenOf = (value: unknown) => (seen.push(value), value as string);
    t.expectObservable(source.pipe(resumeFrom(tokenOf, () => rest, { backoff, clock: t.clock }))).toBe(
      expected,
      values,
    );
    t.flush();
    expect(seen).toEqual(['a', 'b']);
  });

  marble('cuts the wait when the subscriber leaves, and starts nothing after it', (t) => {
    const source = t.cold('  -a#', undefined, lost);
    const opened: string[] = [];
    const operator = resumeFrom(itself, (token) => (opened.push(token), NEVER), { backoff, clock: t.clock });
    t.expectObservable(source.pipe(operator), '---!').toBe('-a');
    t.flush();
    expect(opened).toEqual([]);
  });

  marble('cancels the attempt that runs and aborts its signal when the subscriber leaves', (t) => {
    const signals: AbortSignal[] = [];
    const rest = t.cold('--b');
    const source = t.cold('  -a#', undefined, lost);
    const open = (_token: string, { signal }: { signal: AbortSignal }) => (signals.push(signal), rest);
    t.expectObservable(source.pipe(resumeFrom(itself, open, { backoff, clock: t.clock })), '-----!').toBe('-a');
    t.expectSubscriptions(rest.subscriptions).toBe('----^!');
    t.flush();
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  });

  marble('passes on what tokenOf, project and backoff throw, and leaves the source', (t) => {
    const source = t.cold('  -a-#', undefined, lost);
    const fail = (): never => {
      throw foreign;
    };
    const open = () => NEVER;
    const { clock } = t;
    t.expectObservable(source.pipe(resumeFrom<string, string>(fail, open, { clock }))).toBe('-#', undefined, foreign);
    t.expectObservable(source.pipe(resumeFrom<string, string>(itself, fail, { backoff, clock }))).toBe(
      '-a---#',
      undefined,
      foreign,
    );
    t.expectObservable(source.pipe(resumeFrom(itself, open, { backoff: fail, clock }))).toBe(
      '-a-#',
      undefined,
      foreign,
    );
    t.expectSubscriptions(source.subscriptions).toBe(['^!', '^--!', '^--!']);
  });

  marble('waits for no attempt that a deadline around it would cut off', (t) => {
    const source = t.cold('  -a#', undefined, lost);
    const resumed = resumeFrom(itself, () => NEVER, { backoff: () => 20, clock: t.clock });
    t.expectObservable(source.pipe(resumed, deadline({ totalMs: 9, clock: t.clock }))).toBe('-a#', undefined, lost);
    const cut = resumeFrom(itself, () => NEVER, { backoff, clock: t.clock });
    const late = new TimeoutError('total', 9, { cause: lost }, 'deadline.totalMs');
    t.expectObservable(source.pipe(cut, deadline({ totalMs: 9, clock: t.clock }))).toBe('-a-------#', undefined, late);
  });

  marble('tells of each attempt that follows', (t) => {
    const told: PolicyEvent[] = [];
    const following = policyEvents.subscribe((event) => told.push(event));
    const atMs = t.clock.now() + 2;
    const operator = resumeFrom(itself, () => throwError(() => foreign), { backoff, name: 'feed', clock: t.clock });
    t.cold('-a#', undefined, lost)
      .pipe(operator)
      .subscribe({ error: () => undefined });
    t.flush();
    following.unsubscribe();
    expect(told).toEqual([
      { type: 'retry', policy: 'resumeFrom', name: 'feed', atMs, attempt: 1, delayMs: 2, error: lost },
    ]);
  });

  it('takes rests of any kind', async () => {
    const broken = () =>
      concat(
        ['a'],
        throwError(() => lost),
      );
    const rests = [Promise.resolve('b'), ['b'], new Set('b')];
    for (const rest of rests) {
      const received: string[] = [];
      const whole = broken().pipe(resumeFrom(itself, () => rest, { backoff: () => 0 }));
      await new Promise<void>((resolve) =>
        whole.subscribe({ next: (value) => received.push(value), complete: resolve }),
      );
      expect(received).toEqual(['a', 'b']);
    }
  });

  it('refuses wrong options, naming the field', () => {
    const make = (options: object) => () => resumeFrom(itself, () => NEVER, options);
    expect(make({ attempts: 0 })).toThrow(ConfigError);
    expect(make({ attempts: 0 })).toThrow('resumeFrom.attempts: must be a positive whole number');
    expect(make({ stableMs: -1 })).toThrow('resumeFrom.stableMs: must be a number, 0 or more, not -1');
    expect(make({ maxRetryAfterMs: NaN })).toThrow('resumeFrom.maxRetryAfterMs');
    expect(make({ token: 1 })).toThrow('resumeFrom.token: unknown option');
  });
});
