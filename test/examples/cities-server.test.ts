import { createHash } from 'node:crypto';
import { get, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { cities, type CitiesApi, startCities } from './cities-api.js';

let api: CitiesApi;
beforeAll(async () => {
  api = await startCities();
});
afterAll(() => api.child.kill());

async function newToken(run: string): Promise<string> {
  return ((await api.send('POST', `/runs/${run}/tokens`, '')) as { token: string }).token;
}

/** Attempts each city until it is answered, and tells every status on the way. */
async function statuses(run: string, ids: readonly number[], most = 20): Promise<(number | string)[][]> {
  const attemptAll = async (id: number): Promise<(number | string)[]> => {
    const seen: (number | string)[] = [];
    while (seen.at(-1) !== 200 && seen.length < most) seen.push((await api.ask(`/runs/${run}/cities/${id}`)).status);
    return seen;
  };
  return Promise.all(ids.map(attemptAll));
}

describe('the cities API', { timeout: 60_000 }, () => {
  const ids = cities.slice(1000, 1150).map(({ cityId }) => cityId);

  it('fails in the same way again when it is given the same seed, whatever the order of the calls', async () => {
    await api.begin('same-a', { seed: 7, faultRate: 0.4, faultsPerId: null });
    await api.begin('same-b', { seed: 7, faultRate: 0.4, faultsPerId: null });
    await api.begin('other', { seed: 8, faultRate: 0.4, faultsPerId: null });
    const first = await statuses('same-a', ids);

    expect((await statuses('same-b', ids.toReversed())).toReversed()).toEqual(first);
    expect(await statuses('other', ids)).not.toEqual(first);
  });

  it('fails about as often as it was told to, in four ways, and counts each', async () => {
    await api.begin('rate', { seed: 1, faultRate: 0.6, faultsPerId: null });
    const seen = (await statuses('rate', ids, 3)).flat();
    const failed = seen.filter((status) => status !== 200);
    const { faults, cities: counted } = await api.journalOf('rate');

    expect(failed.length / seen.length).toBeGreaterThan(0.5);
    expect(failed.length / seen.length).toBeLessThan(0.7);
    expect([...new Set(failed)].toSorted()).toEqual([429, 503, 'ECONNRESET']);
    expect(faults.reset).toBe(failed.filter((status) => status === 'ECONNRESET').length);
    expect(faults.unavailable + faults.busy).toBe(failed.filter((status) => status === 503).length);
    expect(faults.throttled).toBe(failed.filter((status) => status === 429).length);
    expect(Object.values(counted).reduce((sum, { attempts }) => sum + attempts, 0)).toBe(seen.length);
  });

  it('fails a city no more often than the plan allows', async () => {
    await api.begin('most', { seed: 1, faultRate: 1, faultsPerId: 2 });
    const seen = await statuses('most', ids.slice(0, 20));

    expect(seen.every((each) => each.length === 3 && each[2] === 200)).toBe(true);
  });

  it('asks for a wait with 429 and with some of its 503', async () => {
    await api.begin('wait', { seed: 3, faultRate: 1, faultsPerId: null });
    const answers = await Promise.all(ids.map((id) => api.ask(`/runs/wait/cities/${id}`)));
    const waits = answers.filter(({ answer }) => answer?.headers['retry-after'] === '1').map(({ status }) => status);

    expect(new Set(waits)).toEqual(new Set([429, 503]));
    expect(answers.filter(({ status }) => status === 503).length).toBeGreaterThan(waits.length);
  });

  it('answers a few calls much later than the most', async () => {
    await api.begin('late', { seed: 1 });
    const took = await Promise.all(
      ids.map(async (id) => {
        const since = performance.now();
        await api.ask(`/runs/late/cities/${id}`);
        return performance.now() - since;
      }),
    );

    expect(Math.max(...took)).toBeGreaterThan(20);
  });

  it('sees that a client went away before its answer', async () => {
    await api.begin('abort', {});
    const asking = get(`${api.base}/runs/abort/cities?prefix=lis`, { agent: false }).on('error', () => {});
    while ((await api.journalOf('abort')).open === 0) await sleep(5);
    asking.destroy();
    while ((await api.journalOf('abort')).open > 0) await sleep(5);

    expect(await api.journalOf('abort')).toMatchObject({ requests: 1, aborted: 1, answered: 0, searches: ['lis'] });
  });

  it('exports the whole data set and counts how long its reader made it wait', async () => {
    await api.begin('export', {});
    const [answer] = (await once(get(`${api.base}/runs/export/cities.ndjson`, { agent: false }), 'response')) as [
      IncomingMessage,
    ];
    // Nothing is read until the server can send no more, and for a while after.
    for (let sent = -1, now = 0; sent !== now; now = (await api.journalOf('export')).exportBytes) {
      sent = now;
      await sleep(250);
    }
    const hash = createHash('sha256');
    for await (const chunk of answer) hash.update(chunk as Buffer);
    const wanted = createHash('sha256');
    for (const city of cities) wanted.update(`${JSON.stringify(city)}\n`);
    const { heldBack } = await api.journalOf('export');
    const digest = JSON.parse((await api.ask('/digest')).body) as { count: number; sha256: string };

    expect(hash.digest('hex')).toBe(digest.sha256);
    expect(wanted.digest('hex')).toBe(digest.sha256);
    expect(digest.count).toBe(cities.length);
    expect(heldBack.longestMs).toBeGreaterThan(200);
  });

  it('hands out tokens that are used up, and then knows only newer ones', async () => {
    await api.begin('token', { tokenUses: 2 });
    const path = `/runs/token/members/cities/${ids[0]}`;
    const member = async (token: string): Promise<number | string> =>
      (await api.ask(path, { authorization: `Bearer ${token}` })).status;

    expect(await member('token-1')).toBe(401);
    const first = await newToken('token');
    expect([await member(first), await member(first), await member(first)]).toEqual([200, 200, 401]);
    const second = await newToken('token');
    expect([await member(first), await member(second)]).toEqual([401, 200]);
  });

  it('says what it received of a file', async () => {
    await api.begin('file', {});
    const body = 'millrace\n'.repeat(20_000);

    expect(await api.send('PUT', '/runs/file/files/a.txt', body)).toEqual({
      name: 'a.txt',
      bytes: body.length,
      sha256: createHash('sha256').update(body).digest('hex'),
    });
  });

  it('knows nothing of a run that was not begun', async () => {
    expect((await api.ask('/runs/never/cities/1')).status).toBe(404);
  });
});
