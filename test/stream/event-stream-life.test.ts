import { setTimeout as sleep } from 'node:timers/promises';

import { filter, firstValueFrom, map, take, takeWhile, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';

import { createBudget } from '../../lib/core/budget.js';
import { isProgress } from '../../lib/core/progress.js';
import { systemClock } from '../../lib/core/clock.js';
import { createApi } from '../../lib/http/api.js';
import { eventStream } from '../../lib/stream/event-stream.js';
import type { StreamEvent } from '../../lib/stream/stream-events.js';
import { seededRandom } from '../../lib/testing/seeded-random.js';
import { gc } from '../support/gc.js';
import { leastMs } from '../support/least.js';
import { eventsFrom, type SseScript } from '../support/sse-server.js';
import { quick, serving, status } from './serving.js';

const at = serving();

const open: SseScript = (answer) => answer.send(eventsFrom(1, 1));

/** What a stream tells, up to an event. */
const told = (stream: ReturnType<typeof eventStream>, last: (event: StreamEvent<unknown>) => boolean) =>
  firstValueFrom(
    stream.events().pipe(
      takeWhile((event) => !last(event), true),
      toArray(),
    ),
  );

describe('the events of eventStream', () => {
  it('tell of connections, with attempt, cause, delay, time and cursor', async () => {
    await at.serve(
      (answer) => answer.cut(),
      (answer) => answer.end('id: 7\ndata: a\n\n'),
      (answer) => answer.send('data: b\n\n'),
    );
    const began = systemClock.now();
    let values = 0;
    const events = await told(
      eventStream(at.api, '/feed', { reconnect: quick }),
      ({ type }) => type === 'value' && ++values === 2,
    );
    expect(events).toMatchObject([
      { type: 'connecting', attempt: 1, cursor: undefined },
      { type: 'waiting', attempt: 1, cause: { kind: 'network' } },
      { type: 'connecting', attempt: 2 },
      { type: 'open', attempt: 2 },
      { type: 'value', value: { data: 'a' } },
      { type: 'lost', attempt: 2, cause: undefined, cursor: '7' },
      { type: 'waiting', attempt: 2, cause: undefined, cursor: '7' },
      { type: 'connecting', attempt: 3, cursor: '7' },
      { type: 'open', attempt: 3, cursor: '7' },
      { type: 'value', value: { data: 'b' } },
    ]);
    for (const event of events) {
      expect(isProgress(event)).toBe(event.type !== 'value');
      if (event.type !== 'value') expect(event.sinceMs).toBeGreaterThanOrEqual(began);
      if (event.type === 'waiting') expect(event.delayMs).toBeLessThanOrEqual(5);
    }
  });

  it('tell of a gap where the server cannot resume, and of none where it can', async () => {
    const body = ['data: a\n\n', 'id: 1\ndata: b\n\n', 'id\ndata: c\n\n', 'id: x\u0001\ndata: d\n\n', 'data: e\n\n'];
    await at.serve((answer) => {
      const text = body[at.server.requests.length - 1]!;
      if (at.server.requests.length < body.length) answer.end(text);
      else answer.send(text);
    });
    const isLast = (event: StreamEvent<unknown>): boolean =>
      event.type === 'value' && (event.value as { data: string }).data === 'e';
    const events = await told(eventStream(at.api, '/feed', { reconnect: quick }), isLast);
    const gaps = events.flatMap((event) => (event.type === 'gap' ? event.attempt : []));
    expect(gaps).toEqual([2, 4, 5]);
    const first = events.findIndex(({ type }) => type === 'gap');
    expect(events.slice(first - 1, first + 2).map(({ type }) => type)).toEqual(['open', 'gap', 'value']);
  });

  it('replay with the same seed', async () => {
    await at.serve((answer) => answer.cut());
    const delays = () => {
      const own = createApi({ baseUrl: at.server.origin, random: seededRandom(9) });
      const events = eventStream(own, '/feed', { reconnect: { ...quick, budget: false } }).events();
      return firstValueFrom(
        events.pipe(
          filter((e) => e.type === 'waiting'),
          map((e) => e.delayMs),
          take(6),
          toArray(),
        ),
      );
    };
    expect(await delays()).toEqual(await delays());
  });

  it('may be left from within any of them', async () => {
    await at.serve((answer) => answer.end(eventsFrom(1, 1)));
    for (const type of ['connecting', 'open', 'value', 'lost', 'waiting']) {
      const before = at.server.requests.length;
      const events = await told(eventStream(at.api, '/feed', { reconnect: quick }), (event) => event.type === type);
      expect(events.at(-1)?.type).toBe(type);
      const made = at.server.requests.length - before;
      await sleep(10);
      expect(at.server.requests.length - before).toBe(made);
    }
  });
});

describe('the waits of eventStream', () => {
  it('are no shorter than the server asks for, and not twice as long', async () => {
    await at.serve((answer) => answer.end('retry: 120\nid: 1\ndata: a\n\n'));
    const stream = eventStream(at.api, '/feed', { reconnect: quick });
    await firstValueFrom(stream.pipe(take(3), toArray()));
    const [first, second, third] = at.server.requests.map(({ atMs }) => atMs);
    for (const waitMs of [second! - first!, third! - second!]) {
      expect(waitMs).toBeGreaterThanOrEqual(119);
      expect(waitMs).toBeLessThan(240);
    }
  });

  it('grow while a server accepts, sends and hangs up', async () => {
    await at.serve((answer) => answer.end(eventsFrom(1, 1)));
    const own = createApi({ baseUrl: at.server.origin, random: () => 0.999 });
    const events = eventStream(own, '/feed', { reconnect: { baseMs: 4, capMs: 1000 } }).events();
    const delays = await firstValueFrom(
      events.pipe(
        filter((e) => e.type === 'waiting'),
        map(({ delayMs }) => Math.round(delayMs)),
        take(4),
        toArray(),
      ),
    );
    expect(delays).toEqual([4, 8, 16, 32]);
  });

  it('are paid from the budget of the origin, which the retries of its calls share', async () => {
    await at.serve(status(503));
    const budget = createBudget({ capacity: 3 });
    const stream = eventStream(at.api, '/feed', { reconnect: { ...quick, budget } });
    await firstValueFrom(
      stream.events().pipe(
        filter((e) => e.type === 'connecting'),
        take(6),
        toArray(),
      ),
    );
    expect(budget.state).toMatchObject({ level: 0, taken: 3 });
    const own = eventStream(at.api, '/feed', { reconnect: quick }).events();
    await firstValueFrom(own.pipe(take(30), toArray()));
    const call = await firstValueFrom(at.api.get('/call').response()).catch((error: unknown) => error);
    expect(call).toMatchObject({ status: 503, attempts: 1 });
  });

  it('give back what they paid when they are cut', async () => {
    await at.serve(status(503));
    const budget = createBudget({ capacity: 3 });
    const stream = eventStream(at.api, '/feed', { reconnect: { baseMs: 60_000, budget } });
    await told(stream, ({ type }) => type === 'waiting');
    expect(budget.state.level).toBe(3);
  });
});

describe('silence', () => {
  it('ends a connection, and is reset by comments and by half a line', async () => {
    await at.serve(
      async (answer) => {
        for (const text of [':\n', ': ping\n', 'da', 'ta: a']) {
          answer.send(text);
          await sleep(40);
        }
        answer.send('\nid: 1\n\n');
      },
      (answer) => answer.send('data: b\n\n'),
    );
    const stream = eventStream(at.api, '/feed', { reconnect: quick, timeouts: { idleMs: 100 } });
    const events = await told(stream, ({ type }) => type === 'lost');
    expect(events.map(({ type }) => type)).toEqual(['connecting', 'open', 'value', 'lost']);
    expect(events.at(-1)).toMatchObject({ cause: { kind: 'timeout', which: 'idle' }, cursor: '1' });
  });
});

describe('leaving eventStream', () => {
  it('closes the socket within 50 ms, with a read pending', async () => {
    await at.serve(open);
    const stream = eventStream(at.api, '/feed');
    const closed = async () => {
      const seen: unknown[] = [];
      const reading = stream.subscribe((event) => seen.push(event));
      await expect.poll(() => seen.length).toBe(1);
      expect(at.server.open()).toBe(1);
      const began = performance.now();
      reading.unsubscribe();
      await expect.poll(() => at.server.open(), { interval: 1 }).toBe(0);
      return performance.now() - began;
    };
    expect(await leastMs(50, closed)).toBeLessThan(50);
  });

  it('cuts a wait, and the wait for a function of the caller', async () => {
    await at.serve(status(503));
    const waiting = eventStream(at.api, '/feed', { reconnect: { baseMs: 20, capMs: 20 } });
    await told(waiting, ({ type }) => type === 'waiting');
    let give: ((path: string) => void) | undefined;
    const path = () => new Promise<string>((resolve) => (give = resolve));
    eventStream(at.api, path).subscribe().unsubscribe();
    give!('/feed');
    await sleep(60);
    expect(at.server.requests).toHaveLength(1);
  });

  it('is what an abort does: open, waiting or before', async () => {
    await at.serve(open, status(503));
    const run = (signal: AbortSignal, when: string) =>
      new Promise((resolve) => {
        const stream = eventStream(at.api, '/feed', { signal, reconnect: { baseMs: 60_000 } });
        stream.events().subscribe({ next: ({ type }) => type === when && abort.abort('why'), error: resolve });
      });
    let abort = new AbortController();
    for (const when of ['value', 'waiting', 'never']) {
      const error = await run(abort.signal, when);
      expect(error).toMatchObject({ kind: 'abort', reason: 'why', attempts: when === 'never' ? 0 : 1 });
      if (when === 'value') abort = new AbortController();
    }
    expect(at.server.requests).toHaveLength(2);
    await expect.poll(() => at.server.open()).toBeLessThan(2);
  });
});

describe('demand on eventStream', () => {
  it('holds the server back', async () => {
    let sent = 0;
    await at.serve(async (answer) => {
      let isGone = false;
      void answer.gone.then(() => (isGone = true));
      while (!isGone && sent < 3000) {
        answer.send(`data: ${'x'.repeat(10_000)}\n\n`);
        sent++;
        if (sent % 10 === 0) await sleep(1);
      }
    });
    let seen = 0;
    for await (const _event of eventStream(at.api, '/feed')) {
      await sleep(20);
      if (++seen === 10) break;
    }
    await expect.poll(() => at.server.open()).toBe(0);
    expect(seen).toBe(10);
  });
});

describe('a thousand streams', () => {
  it('are open at once, and leave nothing behind', async () => {
    await at.serve((answer) => answer.send(': hello\n\ndata: a\n\n'));
    const timeouts = { queueMs: 60_000, headersMs: 60_000, attemptMs: 60_000, totalMs: 60_000 };
    const heap: number[] = [];
    for (let round = 0; round < 3; round++) {
      let seen = 0;
      const streams = Array.from({ length: 1000 }, (_, i) =>
        eventStream(at.api, `/feed/${i}`, { timeouts }).subscribe(() => seen++),
      );
      await expect.poll(() => seen, { timeout: 60_000 }).toBe(1000);
      expect(at.server.open()).toBe(1000);
      for (const stream of streams) stream.unsubscribe();
      await expect.poll(() => at.server.open(), { interval: 5, timeout: 60_000 }).toBe(0);
      at.server.requests.length = 0;
      gc();
      heap.push(process.memoryUsage().heapUsed / 1e6);
    }
    expect(heap[2]! - heap[1]!).toBeLessThan(3);
  }, 120_000);
});
