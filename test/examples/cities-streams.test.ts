import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';

import { cities, type CitiesApi, startCities } from './cities-api.js';

let api: CitiesApi;
beforeAll(async () => {
  api = await startCities();
});
afterAll(() => api.child.kill());

const idsOf = (body: string): number[] => [...body.matchAll(/^id: (\d+)\ndata: .*\n\n/gm)].map(([, id]) => Number(id));
const upTo = (count: number, from = 0): number[] => Array.from({ length: count - from }, (_, n) => from + n + 1);

describe('the ticker', () => {
  it('is cut within the event behind the seventieth, and goes on behind Last-Event-ID', async () => {
    await api.begin('ticker', {});
    const { status, answer, body } = await api.ask('/runs/ticker/ticker');
    expect(status).toBe('ECONNRESET');
    expect(answer?.headers['content-type']).toBe('text/event-stream');
    expect(idsOf(body)).toEqual(upTo(70));
    expect(body).toMatch(/id: 71\ndata: \{.*[^\n]$/);

    const rest = await api.ask('/runs/ticker/ticker', { 'last-event-id': '260' });
    expect([rest.status, idsOf(rest.body)]).toEqual([200, upTo(300, 260)]);
    const over = await api.ask('/runs/ticker/ticker', { 'last-event-id': '300' });
    expect([over.status, over.body]).toEqual([204, '']);
    expect((await api.journalOf('ticker')).ticker).toEqual({ resumedAt: [0, 260, 300], cuts: 1 });
  });
});

/** A member of a room: what it is told, in order. */
class Member {
  readonly socket: WebSocket;
  readonly told: unknown[] = [];

  constructor(run: string) {
    this.socket = new WebSocket(`${api.base.replace('http', 'ws')}/runs/${run}/chat`);
    this.socket.on('message', (data) => this.told.push(JSON.parse(String(data))));
  }

  async join(after = 0): Promise<this> {
    await once(this.socket, 'open');
    this.socket.send(JSON.stringify({ after }));
    await expect.poll(() => this.told).toContainEqual({ welcome: true });
    return this;
  }

  say(id: string, key: string, say: string): void {
    this.socket.send(JSON.stringify({ id, key, say }));
  }
}

describe('the chat', () => {
  it('tells every member what one of them says, answers it, and keeps it for who comes later', async () => {
    await api.begin('chat', {});
    const ada = await new Member('chat').join();
    const grace = await new Member('chat').join();
    ada.say('a1', 'k1', 'hello');
    await expect.poll(() => grace.told).toContainEqual({ n: 1, key: 'k1', text: 'hello' });
    await expect.poll(() => ada.told).toContainEqual({ re: 'a1' });
    grace.say('g1', 'k2', 'hi');
    await expect.poll(() => ada.told).toContainEqual({ n: 2, key: 'k2', text: 'hi' });
    const late = await new Member('chat').join(1);
    expect(late.told).toEqual([{ n: 2, key: 'k2', text: 'hi' }, { welcome: true }]);
    for (const { socket } of [ada, grace, late]) socket.close();
  });

  it('kills the sender of every fifteenth message, which it has taken, and knows the message when it comes again', async () => {
    await api.begin('kill', {});
    const ada = await new Member('kill').join();
    const grace = await new Member('kill').join();
    for (const n of upTo(15)) ada.say(`a${n}`, `k${n}`, 'word');
    const [code] = (await once(ada.socket, 'close')) as [number];
    expect(code).toBe(1006);
    expect(ada.told).not.toContainEqual({ re: 'a15' });
    await expect.poll(() => grace.told).toContainEqual({ n: 15, key: 'k15', text: 'word' });

    const again = await new Member('kill').join(14);
    again.say('again', 'k15', 'word');
    await expect.poll(() => again.told).toContainEqual({ re: 'again' });
    expect(again.told).toEqual([{ n: 15, key: 'k15', text: 'word' }, { welcome: true }, { re: 'again' }]);
    const { said, ...counts } = (await api.journalOf('kill')).chat;
    expect(said).toHaveLength(15);
    expect(counts).toEqual({ connections: 3, killed: 1, repeats: 1 });
    for (const { socket } of [grace, again]) socket.close();
  });

  it('is not there for a run that was not begun', async () => {
    const [error] = (await once(new Member('never').socket, 'error')) as [Error];
    expect(error.message).toContain('404');
  });
});

describe('the report', () => {
  it('is ordered with 202, fails a look once, says when it is done, and counts who comes too early', async () => {
    await api.begin('report', {});
    const path = '/runs/report/reports';
    const ordered = await api.ask(path, {}, 'POST');
    expect([ordered.status, JSON.parse(ordered.body)]).toEqual([202, { status: 'Running', percent: 0 }]);
    expect(ordered.answer?.headers).toMatchObject({
      'operation-location': 'reports/1/status',
      location: 'reports/1',
      'retry-after': '1',
    });
    expect((await api.ask(`${path}/1/status`)).status).toBe(503);
    expect((await api.ask(`${path}/1`)).status).toBe(404);
    await sleep(1000);
    const second = await api.ask(`${path}/1/status`);
    expect([second.status, second.answer?.headers['retry-after']]).toEqual([200, '1']);
    expect(JSON.parse(second.body)).toEqual({ status: 'Running', percent: 66 });
    await sleep(1000);
    const third = await api.ask(`${path}/1/status`);
    expect(JSON.parse(third.body)).toEqual({ status: 'Succeeded', percent: 100 });

    const population = cities.reduce((sum, city) => sum + city.population, 0);
    const countries = new Set(cities.map(({ country }) => country)).size;
    expect(JSON.parse((await api.ask(`${path}/1`)).body)).toEqual({ countries, population });
    expect((await api.journalOf('report')).report).toMatchObject({ orders: 1, looks: 3, early: 1 });
  });
});

/** Follows `Link` from the first page to the last, and asks again for a page that failed. */
async function follow(run: string): Promise<{ readonly ids: number[]; readonly seen: (number | string)[] }> {
  const ids: number[] = [];
  const seen: (number | string)[] = [];
  for (let path: string | undefined = 'pages'; path !== undefined;) {
    const { status, answer, body } = await api.ask(`/runs/${run}/${path}`);
    seen.push(status);
    if (status !== 200) continue;
    ids.push(...(JSON.parse(body) as typeof cities).map(({ cityId }) => cityId));
    path = /^<(.*)>; rel="next"$/.exec(String(answer?.headers.link))?.[1];
  }
  return { ids, seen };
}

describe('the pages', () => {
  const all = cities.map(({ cityId }) => cityId);

  it('have every city once and in order, and Link to one another', async () => {
    await api.begin('pages', {});
    const { ids, seen } = await follow('pages');
    expect(ids).toEqual(all);
    expect(seen).toHaveLength(Math.ceil(all.length / 2500));
  });

  it('fail as the plan says, the same pages for the same seed', async () => {
    for (const run of ['pages-a', 'pages-b']) await api.begin(run, { seed: 7, faultRate: 0.5 });
    const first = await follow('pages-a');
    const second = await follow('pages-b');
    expect(first.ids).toEqual(all);
    expect(second.seen).toEqual(first.seen);
    const failed = first.seen.filter((status) => status !== 200);
    expect(new Set(failed)).toEqual(new Set([503, 'ECONNRESET']));
    const { pages } = await api.journalOf('pages-a');
    expect(Object.values(pages).reduce((sum, { faults }) => sum + faults, 0)).toBe(failed.length);
  });
});

describe('the resumable upload', () => {
  const fields = (offset: number) => ({
    'content-type': 'application/offset+octet-stream',
    'upload-offset': String(offset),
  });

  it('says where it is, refuses another offset, and tells the digest of the whole', async () => {
    await api.begin('tus', {});
    const tus = '/runs/tus/tus';
    expect((await api.ask(tus, {}, 'OPTIONS')).answer?.headers['tus-extension']).toBe('creation');
    expect((await api.ask(`${tus}/1`, {}, 'HEAD')).status).toBe(404);
    const created = await api.ask(tus, { 'upload-length': '9' }, 'POST');
    expect([created.status, created.answer?.headers.location]).toEqual([201, 'tus/1']);
    expect((await api.ask(`${tus}/1`, fields(3), 'PATCH', 'lrace')).status).toBe(409);
    expect((await api.ask(`${tus}/1`, fields(0), 'PATCH', 'mill')).answer?.headers['upload-offset']).toBe('4');
    const { answer } = await api.ask(`${tus}/1`, {}, 'HEAD');
    expect(answer?.headers).toMatchObject({ 'upload-offset': '4', 'upload-length': '9', 'tus-resumable': '1.0.0' });
    expect((await api.ask(`${tus}/1`, fields(4), 'PATCH', 'race\n')).status).toBe(204);
    const sha256 = createHash('sha256').update('millrace\n').digest('hex');
    expect((await api.journalOf('tus')).tus).toEqual({ created: 1, bytes: 9, cuts: 0, sha256 });
  });

  it('cuts the connection every 7 MB, and keeps what has come', async () => {
    await api.begin('cut', {});
    const file = Buffer.alloc(10_000_000, 'millrace');
    await api.ask('/runs/cut/tus', { 'upload-length': String(file.length) }, 'POST');
    const { status } = await api.ask('/runs/cut/tus/1', fields(0), 'PATCH', file);
    expect(status).toMatch(/ECONNRESET|EPIPE/);
    const offset = Number((await api.ask('/runs/cut/tus/1', {}, 'HEAD')).answer?.headers['upload-offset']);
    expect(offset).toBeGreaterThanOrEqual(7_000_000);
    expect(offset).toBeLessThan(file.length);
    expect((await api.ask('/runs/cut/tus/1', fields(offset), 'PATCH', file.subarray(offset))).status).toBe(204);
    const sha256 = createHash('sha256').update(file).digest('hex');
    expect((await api.journalOf('cut')).tus).toEqual({ created: 1, bytes: file.length, cuts: 1, sha256 });
  });
});
