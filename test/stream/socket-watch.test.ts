import { describe, expect, it } from 'vitest';

import { Heartbeat, IdleWatch, type Watched } from '../../lib/stream/socket-watch.js';
import { handClock } from '../support/hand-clock.js';

function watched() {
  const log: string[] = [];
  const link: Watched & { received: number; isPaused: boolean } = {
    received: 0,
    isPaused: false,
    ask: () => void log.push('ask'),
    silent: (limitMs) => void log.push(`silent ${limitMs}`),
  };
  return { link, log };
}

describe('the idle limit', () => {
  it('runs out after so much silence, and a quarter of it later at most', () => {
    const clock = handClock();
    const { link, log } = watched();
    new IdleWatch(link, clock, 1000).start();
    clock.pass(240);
    link.received++;
    clock.pass(999);
    expect(log).toEqual([]);
    clock.pass(251);

    expect(log).toEqual(['silent 1000']);
    expect(clock.pending).toBe(0);
  });

  it('never runs out while something comes, or while the server is held back', () => {
    const clock = handClock();
    const { link, log } = watched();
    const watch = new IdleWatch(link, clock, 1000);
    watch.start();
    for (let i = 0; i < 50; i++) {
      clock.pass(900);
      link.received++;
    }
    link.isPaused = true;
    clock.pass(100_000);
    watch.stop();

    expect(log).toEqual([]);
    expect(clock.pending).toBe(0);
  });
});

describe('the heartbeat', () => {
  const start = () => {
    const clock = handClock();
    const { link, log } = watched();
    const heartbeat = new Heartbeat(link, clock, 1000, 100);
    heartbeat.start();
    return { clock, link, log, heartbeat };
  };

  it('asks a silent server, and calls it silent when no answer comes', () => {
    const { clock, log } = start();
    clock.pass(1000);
    expect(log).toEqual(['ask']);
    clock.pass(100);

    expect(log).toEqual(['ask', 'silent 100']);
    expect(clock.pending).toBe(0);
  });

  it('takes any sign of life for an answer, and asks nobody who talks', () => {
    const { clock, link, log } = start();
    clock.pass(1000);
    link.received++;
    clock.pass(100);
    link.received++;
    clock.pass(1000);
    expect(log).toEqual(['ask']);
    clock.pass(1000);

    expect(log).toEqual(['ask', 'ask']);
  });

  it('asks once more when its own timer came late, as those of a hidden page do', () => {
    const { clock, log } = start();
    clock.pass(1000);
    const { now } = clock;
    clock.now = () => now() + 5000;
    clock.pass(100);
    expect(log).toEqual(['ask', 'ask']);
    clock.pass(100);

    expect(log).toEqual(['ask', 'ask', 'silent 100']);
  });

  it('asks at once when the page is seen again', () => {
    const { clock, log, heartbeat } = start();
    clock.pass(10);
    heartbeat.probe();
    expect(log).toEqual(['ask']);
    clock.pass(100);

    expect(log).toEqual(['ask', 'silent 100']);
  });

  it('asks nobody who is held back', () => {
    const { clock, link, log, heartbeat } = start();
    link.isPaused = true;
    clock.pass(100_000);
    heartbeat.stop();

    expect(log).toEqual([]);
    expect(clock.pending).toBe(0);
  });
});
