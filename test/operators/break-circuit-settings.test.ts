import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { AbortError, NetworkError } from '../../lib/core/errors.js';
import { createBreaker } from '../../lib/core/policy/breaker.js';
import type { BreakerOptions } from '../../lib/core/policy/breaker-types.js';
import { breakCircuit } from '../../operators/break-circuit.js';
import { HandCall } from '../support/calls.js';
import { handClock } from '../support/hand-clock.js';

const lost = new NetworkError('connection reset', 'receive');

function trial(options: BreakerOptions = {}, clock = handClock()) {
  const breaker = createBreaker({ clock, random: () => 0.5, minCalls: 4, ...options });
  const call = () => new HandCall(breakCircuit(breaker));
  const fail = (times = 1) => {
    for (let n = 0; n < times; n++) call().fail(lost);
  };
  return { clock, breaker, call, fail };
}

// Asked for in Polly #215, #287, #1449, opossum #675, resilience4j #419 and cockatiel #89.
describe('the snapshot of a breaker', () => {
  it('survives JSON: counts go on in another process, and grow old there', () => {
    const one = trial();
    one.fail(2);
    one.clock.pass(3_000);
    one.call().succeed();
    const other = trial();
    other.clock.pass(3_000);
    other.breaker.restore(JSON.parse(JSON.stringify(one.breaker.snapshot())));
    expect(other.breaker.state).toMatchObject({ status: 'closed', calls: 3, failures: 2 });
    other.clock.pass(7_000);
    expect(other.breaker.state).toMatchObject({ calls: 1, failures: 0 });
  });

  it('keeps how long it has been open, and how often in a row', () => {
    const one = trial({ minCalls: 1 });
    one.fail();
    one.clock.pass(5_000);
    one.fail(2);
    const other = trial({}, one.clock);
    other.breaker.restore(one.breaker.snapshot());
    expect(other.breaker.state).toMatchObject({ status: 'open', probeAtMs: one.clock.now() + 10_000 });
    one.clock.pass(10_000);
    other.fail(2);
    expect(other.breaker.state.probeAtMs).toBe(one.clock.now() + 20_000);
  });

  it('of one that was trying lets the next call try at once', () => {
    const one = trial({ minCalls: 1 });
    one.fail();
    one.clock.pass(5_000);
    one.call();
    const other = trial({}, one.clock);
    other.breaker.restore(one.breaker.snapshot());
    expect(other.call().isSent).toBe(true);
    expect(other.breaker.state.status).toBe('half-open');
  });

  it('of an isolated one stays isolated', () => {
    const one = trial();
    one.breaker.isolate();
    const other = trial();
    other.breaker.restore(one.breaker.snapshot());
    expect(other.call().isSent).toBe(false);
  });

  it('from a machine whose clock is ahead keeps it open no longer than it may be', () => {
    const one = trial({ minCalls: 1 });
    one.clock.pass(1e9);
    one.fail();
    const other = trial();
    other.breaker.restore(one.breaker.snapshot());
    expect(other.breaker.state.probeAtMs! - other.clock.now()).toBe(72_000);
    expect(other.breaker.state.calls).toBe(1);
  });

  it('lets what runs decide no more', () => {
    const one = trial({ minCalls: 1 });
    const running = one.call();
    one.breaker.restore(one.breaker.snapshot());
    running.fail(lost);
    expect(one.breaker.state).toMatchObject({ status: 'closed', calls: 0, failed: 1 });
  });

  const good = trial().breaker.snapshot();
  it.each([
    [{ ...good, version: 3 }, 'createBreaker.restore.version: must be 1'],
    [{ ...good, status: 'half-open' }, 'createBreaker.restore.status: must be closed, open or isolated'],
    [{ ...good, opens: -1 }, 'createBreaker.restore.opens'],
    [{ ...good, probeAtMs: null }, 'createBreaker.restore.probeAtMs'],
    [{ ...good, window: {} }, 'createBreaker.restore.window: must be a list'],
    [{ ...good, window: [{ atMs: 'x', counts: [] }] }, 'createBreaker.restore.window[0].atMs'],
    [{ ...good, window: [{ atMs: 1, counts: [[7, 1]] }] }, 'createBreaker.restore.window[0].counts[0][0]'],
    [{ ...good, window: [{ atMs: 1, counts: [[0.5, 1]] }] }, 'createBreaker.restore.window[0].counts[0]'],
    [{ ...good, window: [{ atMs: 1, counts: [[0, -1]] }] }, 'createBreaker.restore.window[0].counts[0][1]'],
    [{ ...good, more: 1 }, 'createBreaker.restore.more: unknown option'],
    ['{}', 'createBreaker.restore: options must be a plain object'],
  ])('refuses %j', (snapshot, message) => {
    const { breaker } = trial();
    expect(() => breaker.restore(snapshot as never)).toThrow(message);
    expect(breaker.state.status).toBe('closed');
  });
});

describe('configuring a breaker', () => {
  it('keeps its counts, and decides by the new settings from the next call on', () => {
    const { breaker, fail } = trial({ minCalls: 100 });
    fail(5);
    breaker.configure({ minCalls: 6 });
    expect(breaker.state).toMatchObject({ status: 'closed', failures: 5 });
    fail();
    expect(breaker.state.status).toBe('open');
  });

  it('keeps of its counts what a shorter window holds, and all in a longer one', () => {
    const { breaker, clock, fail } = trial({ minCalls: 100 });
    fail(3);
    clock.pass(4_000);
    fail(2);
    breaker.configure({ windowMs: 30_000 });
    expect(breaker.state.failures).toBe(5);
    breaker.configure({ windowMs: 2_000 });
    expect(breaker.state.failures).toBe(2);
  });

  it('decides at once when fewer probes than before have decided by now', () => {
    const { breaker, clock, call, fail } = trial({ minCalls: 1 });
    fail();
    clock.pass(5_000);
    fail();
    call().succeed();
    expect(breaker.state.status).toBe('half-open');
    breaker.configure({ probes: 2 });
    expect(breaker.state.status).toBe('open');
  });

  it.each([
    [{ failureRate: 0 }, 'createBreaker.failureRate: must be a number from 0.001 to 1, not 0'],
    [{ failureRate: 50 }, 'createBreaker.failureRate: must be a number from 0.001 to 1, not 50'],
    [{ slowRate: NaN }, 'createBreaker.slowRate'],
    [{ slowMs: -1 }, 'createBreaker.slowMs'],
    [{ windowMs: 0 }, 'createBreaker.windowMs'],
    [{ windowMs: Infinity }, 'createBreaker.windowMs'],
    [{ openMs: -1 }, 'createBreaker.openMs'],
    [{ maxOpenMs: Infinity }, 'createBreaker.maxOpenMs'],
    [{ probeMs: 0 }, 'createBreaker.probeMs'],
    [{ minCalls: 0 }, 'createBreaker.minCalls'],
    [{ probes: 1.5 }, 'createBreaker.probes'],
    [{ successes: 4 }, 'createBreaker.successes: must be at most probes, 3, not 4'],
    [{ failurerate: 1 }, 'createBreaker.failurerate: unknown option; did you mean "failureRate"?'],
  ])('refuses %j, at first too', (settings, message) => {
    expect(() => createBreaker(settings as object)).toThrow(message);
    expect(() => createBreaker().configure(settings as object)).toThrow(message);
  });

  it('changes neither name nor clock', () => {
    expect(() => createBreaker().configure({ name: 'x' } as object)).toThrow('createBreaker.name: unknown option');
  });
});

type Step =
  | readonly ['call' | 'pass' | 'configure' | 'isolate' | 'close' | 'restore', number]
  | readonly ['succeed' | 'fail' | 'leave' | 'abort', number];

describe('a breaker under any interleaving', () => {
  it('never lets more probes run than it may, is never stuck, and leaves no timer behind', () => {
    const step = fc.tuple(
      fc.constantFrom(
        'call',
        'call',
        'succeed',
        'fail',
        'fail',
        'leave',
        'abort',
        'pass',
        'configure',
        'isolate',
        'close',
        'restore',
      ),
      fc.nat(100),
    ) as fc.Arbitrary<Step>;
    const run = (steps: Step[]) => {
      const { breaker, clock, call } = trial({ minCalls: 3, slowMs: 3_000 });
      const sent: { call: HandCall; status: string }[] = [];
      for (const [what, n] of steps) {
        const one = sent[n % Math.max(1, sent.length)];
        if (what === 'call') {
          const made = call();
          if (made.isSent) sent.push({ call: made, status: breaker.state.status });
        } else if (what === 'pass') clock.pass(n * 100);
        else if (what === 'configure') breaker.configure({ probes: 1 + (n % 5), successes: 1 });
        else if (what === 'restore') breaker.restore(breaker.snapshot());
        else if (what === 'isolate' || what === 'close') breaker[what]();
        else if (what === 'succeed') one?.call.succeed();
        else if (what === 'leave') one?.call.leave();
        else one?.call.fail(what === 'abort' ? new AbortError('enough') : lost);
        const { calls, failures, slow } = breaker.state;
        expect(failures <= calls && slow <= calls && failures >= 0).toBe(true);
      }
      for (const one of sent) one.call.leave();
      expect(clock.pending).toBe(0);
      // Whatever happened, a server that works again gets its calls again.
      if (breaker.state.status === 'isolated') breaker.close();
      for (let n = 0; n < 8; n++) {
        clock.pass(72_000);
        call().succeed();
      }
      expect(breaker.state.status).toBe('closed');
    };
    fc.assert(fc.property(fc.array(step, { maxLength: 80 }), run), { numRuns: 3_000 });
  });

  it('gives the same trace for the same seed', () => {
    const trace = () => {
      let seed = 7;
      const random = () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647;
      const { breaker, clock, call } = trial({ random });
      const seen: string[] = [];
      breaker.changes.subscribe((state) => seen.push(JSON.stringify(state)));
      for (let n = 0; n < 500; n++) {
        if (random() < 0.6) call().fail(lost);
        else call().succeed();
        clock.pass(random() * 1_000);
      }
      return seen.join('\n');
    };
    expect(trace()).toBe(trace());
  });
});
