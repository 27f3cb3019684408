import { seededRandom } from '../../../lib/testing/seeded-random.js';
import type { Exchange, Pair, Route } from './types.js';

const failures = ['status', 'reset', 'fin', 'stall', 'truncate', 'refuse'] as const;

const keyOf = (x: Exchange) => x.query.text('key', x.path);

/**
 * Fails `?fail=` times per `?key=`, then succeeds. `?how=` says in what way: an answer of `?status=` (with
 * `?retryAfter=` as given), a connection broken before the head, a stall, a body cut short,
 * or (HTTP/2) REFUSED_STREAM, which says that nothing was done.
 */
async function flaky(x: Exchange): Promise<void> {
  const { query } = x;
  const attempt = x.journal.count(keyOf(x));
  await x.sleep(query.number('delay', 0));
  if (attempt <= query.number('fail', 1)) return fail(x, attempt);
  await x.body();
  x.json({ key: keyOf(x), attempt, body: x.recorded().body.text }, query.number('then', 200));
}

async function fail(x: Exchange, attempt: number): Promise<void> {
  const { query } = x;
  const how = query.oneOf('how', failures, 'status');
  if (how === 'stall') return;
  if (how === 'reset' || how === 'fin') return x.breakOff(how, 2);
  if (how === 'refuse') return x.breakOff('reset', 7);
  if (how === 'truncate') {
    x.head(200, [
      ['content-type', 'application/json'],
      ['content-length', '100'],
    ]);
    await x.write('{"cut":');
    await x.sleep(10);
    return x.breakOff('fin');
  }
  const wait = query.all('retryAfter').map((value): Pair => ['retry-after', value]);
  x.json({ failed: attempt }, query.number('status', 503), wait);
}

/** How often a key was asked, and when. */
function attempts(x: Exchange): void {
  const times = x.journal.timesOf(keyOf(x));
  x.json({ attempts: times.length, afterMs: times.map((time) => Math.round(time - (times[0] ?? 0))) });
}

/** Answers 429 to whatever is more than `?max=` requests in `?windowMs=`, and says when to come back. */
function limited(x: Exchange): void {
  const { query } = x;
  const [max, windowMs] = [query.number('max', 5), query.number('windowMs', 1000)];
  const now = x.journal.now();
  const admitted = x.journal.keep<number[]>(`limited ${keyOf(x)}`, () => []);
  while (admitted.length > 0 && now - admitted[0]! >= windowMs) admitted.shift();
  const full = admitted.length >= max;
  if (!full) admitted.push(now);
  const resetSeconds = Math.ceil((admitted[0]! + windowMs - now) / 1000);
  const state: Pair = ['ratelimit', `"default";r=${max - admitted.length};t=${resetSeconds}`];
  if (full) x.json({ limited: true }, 429, [state, ['retry-after', String(resetSeconds)]]);
  else x.json({ limited: false }, 200, [state]);
}

/**
 * Latency with a long tail, the same for the same `?seed=` and the n-th request of a key:
 * around `?medianMs=`, and `?tailMs=` for a share of `?tail=`.
 */
async function latency(x: Exchange): Promise<void> {
  const { query } = x;
  const turn = x.journal.count(keyOf(x));
  const random = seededRandom(query.number('seed', 1) * 7919 + turn);
  const usual = query.number('medianMs', 5) * (0.5 + random());
  const ms = random() < query.number('tail', 0.05) ? query.number('tailMs', 100) : usual;
  await x.sleep(ms);
  x.json({ turn, ms: Math.round(ms) });
}

/** Holds each request for `?ms=`; tells how many were held at once, and refuses with 503 beyond `?max=`. */
async function crowd(x: Exchange): Promise<void> {
  const { query } = x;
  const inside = x.journal.keep(`crowd ${keyOf(x)}`, () => ({ now: 0, peak: 0 }));
  inside.now += 1;
  inside.peak = Math.max(inside.peak, inside.now);
  const full = inside.now > query.number('max', Infinity);
  try {
    if (!full) await x.sleep(query.number('ms', 10));
    x.json({ peak: inside.peak }, full ? 503 : 200);
  } finally {
    inside.now -= 1;
  }
}

export const faultRoutes: Readonly<Record<string, Route>> = {
  '/flaky': flaky,
  '/attempts': attempts,
  '/limited': limited,
  '/latency': latency,
  '/crowd': crowd,
};
