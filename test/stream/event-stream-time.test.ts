import { getEventListeners } from 'node:events';

import type { Subscription } from 'rxjs';
import { afterEach, describe, expect, it } from 'vitest';

import { NetworkError } from '../../lib/core/errors.js';
import { createApi } from '../../lib/http/api.js';
import type { EventStreamOptions } from '../../lib/stream/event-stream-options.js';
import { eventStream } from '../../lib/stream/event-stream.js';
import { type FakeTransport, fakeTransport } from '../../lib/testing/fake-transport.js';
import { handClock } from '../support/hand-clock.js';

let left: Subscription | undefined;
afterEach(() => left?.unsubscribe());

/** A stream on a clock that the test moves, whose waits are as long as they may be. */
class Watched {
  readonly clock = handClock();
  readonly fake: FakeTransport;
  readonly waits: number[] = [];
  readonly events: string[] = [];
  readonly subscription: Subscription;

  constructor(options: EventStreamOptions = {}, capabilities = {}) {
    this.fake = fakeTransport({ clock: this.clock, capabilities });
    const { clock, fake: transport } = this;
    const api = createApi({ baseUrl: 'https://a.test', transport, clock, random: () => 1 - 2 ** -40, timeouts: false });
    this.subscription = eventStream(api, '/feed', options)
      .events()
      .subscribe({
        next: (event) => {
          this.events.push(event.type);
          if (event.type === 'waiting') this.waits.push(Math.round(event.delayMs));
        },
        error: () => this.events.push('failed'),
      });
    left = this.subscription;
    clock.pass(0);
  }

  /** Accepts the connection, sends, and ends it after so long. @returns the wait for the next one, which then passes */
  connection(lastsMs: number, events = ''): number {
    const { clock, fake } = this;
    fake.last.head(200, { 'content-type': 'text/event-stream' });
    if (events) fake.last.chunk(events);
    clock.pass(lastsMs);
    fake.last.end();
    return this.next();
  }

  next(): number {
    const waitMs = this.waits.at(-1)!;
    this.clock.pass(waitMs);
    this.clock.pass(1);
    return waitMs;
  }
}

describe('the waits of eventStream, in time', () => {
  const reconnect = { baseMs: 100, capMs: 100_000, stableMs: 9000 };

  it('begin anew behind a connection that was stable, and only there', () => {
    const feed = new Watched({ reconnect });
    expect([0, 0, 8900, 0].map((ms) => feed.connection(ms))).toEqual([100, 200, 400, 800]);
    expect([9000, 0].map((ms) => feed.connection(ms))).toEqual([100, 200]);
  });

  it('begin anew in a third of that time where an event came, and not for comments', () => {
    const feed = new Watched({ reconnect });
    expect([0, 2900].map((ms) => feed.connection(ms, 'data: a\n\n'))).toEqual([100, 200]);
    expect(feed.connection(3000, ': still here\n\n')).toBe(400);
    expect(feed.connection(3000, 'data: a\n\n')).toBe(100);
  });

  it('count no time in which a connection was only tried for', () => {
    const feed = new Watched({ reconnect });
    const refuse = (): number => {
      feed.clock.pass(20_000);
      feed.fake.last.fail(new NetworkError('refused', 'connect', { transient: true }));
      return feed.next();
    };
    expect([refuse(), refuse(), refuse()]).toEqual([100, 200, 400]);
  });
});

describe('the budget of eventStream', () => {
  const counting = () => {
    const calls: string[] = [];
    const take = (): boolean => calls.push('take') > 0;
    const note = (what: string) => () => void calls.push(what);
    return { calls, budget: { take, refund: note('refund'), earn: note('earn') } as never };
  };

  it('earns with an event of the first connection, and gets back what another one cost with its first event', () => {
    const { calls, budget } = counting();
    const feed = new Watched({ reconnect: { baseMs: 100, budget } });
    feed.connection(1, 'data: a\n\ndata: b\n\n');
    expect(calls).toEqual(['earn', 'take']);
    feed.connection(1, ': hello\n\n');
    expect(calls).toEqual(['earn', 'take', 'take']);
    feed.connection(1, 'data: a\n\ndata: b\n\n');
    expect(calls).toEqual(['earn', 'take', 'take', 'refund', 'take']);
  });

  it('gets back what a wait cost that is cut, and leaves no timer behind', () => {
    const { calls, budget } = counting();
    const feed = new Watched({ reconnect: { baseMs: 100, budget } });
    feed.fake.last.head(200, { 'content-type': 'text/event-stream' }).end();
    expect([calls, feed.clock.pending]).toEqual([['take'], 1]);
    feed.subscription.unsubscribe();
    expect([calls, feed.clock.pending]).toEqual([['take', 'refund'], 0]);
  });
});

describe('what eventStream leaves alone', () => {
  it('is a signal of the caller, once it is over', () => {
    const { signal } = new AbortController();
    const feed = new Watched({ signal });
    expect(getEventListeners(signal, 'abort').length).toBeGreaterThan(0);
    feed.subscription.unsubscribe();
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it('is a request that would need a preflight: browsers are told by `cache` that no kept answer will do', () => {
    const browser = { rawHeaders: false };
    const asked = (options?: EventStreamOptions) => new Watched(options, browser).fake.last.request!;
    expect(asked().cache).toBe('no-store');
    expect(asked().headers).not.toContain('cache-control');
    expect(asked({ cache: 'reload' }).cache).toBe('reload');
    const { cache, headers } = new Watched().fake.last.request!;
    expect([cache, headers]).toEqual([undefined, expect.arrayContaining(['cache-control', 'no-cache'])]);
  });
});
