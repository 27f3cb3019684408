import { firstValueFrom, lastValueFrom, takeWhile, tap, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';

import { createApi } from '../../lib/http/api.js';
import { eventStream } from '../../lib/stream/event-stream.js';
import type { StreamEvent } from '../../lib/stream/stream-events.js';
import { seededRandom } from '../../lib/testing/seeded-random.js';
import { type Roughness, RoughProxy } from '../support/rough-proxy.js';
import { type SseAnswer, type SseServer, startSse } from '../support/sse-server.js';
import { dataOf, eventOf } from './rough-feed.js';

const rough: Roughness = { cut: 0.004, stall: 0.002, stallMs: 400, delayMs: 1.5, pieceBytes: 300 };
const reconnect = { baseMs: 2, capMs: 20, budget: false } as const;
const timeouts = { idleMs: 200 };

/** Sends what comes behind an event, in bursts, and nothing more behind the last one. */
async function replay(answer: SseAnswer, from: number, to: number, withId: boolean): Promise<void> {
  let isGone = false;
  void answer.gone.then(() => (isGone = true));
  if (from > to) {
    answer.head(204);
    return answer.end();
  }
  for (let n = from; n <= to && !isGone;) {
    let burst = '';
    for (const last = Math.min(to, n + (n % 13)); n <= last; n++) burst += eventOf(n, withId);
    answer.send(burst);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  answer.end();
}

async function roughly(seed: number, server: SseServer): Promise<RoughProxy> {
  return RoughProxy.start(Number(new URL(server.origin).port), seededRandom(seed), rough);
}

describe('eventStream over a way that cuts, stalls, splits and delays', () => {
  it.each([1, 2])(
    'gets every event once and in order, seed %i',
    async (seed) => {
      const last = 6_000;
      await using server = await startSse(
        (answer) => void replay(answer, Number(answer.request.headers['last-event-id'] ?? 0) + 1, last, true),
      );
      await using proxy = await roughly(seed, server);
      await using api = createApi({ baseUrl: proxy.origin, random: seededRandom(seed) });
      const stream = eventStream(api, '/feed', { reconnect, timeouts });
      let next = 1;
      const gaps: unknown[] = [];
      await lastValueFrom(
        stream.events().pipe(
          tap((event) => {
            if (event.type === 'gap') gaps.push(event);
            if (event.type !== 'value') return;
            const { data, lastEventId } = event.value;
            if (lastEventId !== String(next) || data !== dataOf(next)) {
              throw new Error(`event ${lastEventId} came in place of ${next}: ${data}`);
            }
            next++;
          }),
        ),
      );
      expect(next - 1).toBe(last);
      expect(gaps).toEqual([]);
      expect(Math.min(proxy.done.resets, proxy.done.ends, proxy.done.stalls)).toBeGreaterThan(0);
      await api.close();
      await expect.poll(() => proxy.open + server.open()).toBe(0);
    },
    60_000,
  );

  it('tells of a gap wherever events are missing or repeated, when the server gives no ids', async () => {
    let sent = 0;
    await using server = await startSse((answer) => void replay(answer, sent + 1, (sent += 600), false));
    await using proxy = await roughly(3, server);
    await using api = createApi({ baseUrl: proxy.origin, random: seededRandom(3) });
    const stream = eventStream(api, '/feed', { reconnect, timeouts });
    const isOn = (event: StreamEvent<{ readonly data: string }>): boolean =>
      event.type !== 'value' || Number(event.value.data.split(' ')[0]) < 6000;
    const events = await firstValueFrom(stream.events().pipe(takeWhile(isOn), toArray()));
    let before = 0;
    let isTold = true;
    let jumps = 0;
    for (const event of events) {
      if (event.type === 'gap') isTold = true;
      if (event.type !== 'value') continue;
      const n = Number(event.value.data.split(' ')[0]);
      if (n !== before + 1) {
        jumps++;
        expect(isTold, `from ${before} to ${n}`).toBe(true);
      }
      before = n;
      isTold = false;
    }
    expect(jumps).toBeGreaterThan(3);
  }, 60_000);
});
