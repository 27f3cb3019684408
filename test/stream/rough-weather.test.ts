import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createApi } from '../../lib/http/api.js';
import { seededRandom } from '../../lib/testing/seeded-random.js';
import { heapBytes } from '../support/heap.js';
import { type Roughness, RoughProxy } from '../support/rough-proxy.js';
import { type SocketServer, startSocketServer } from '../support/socket-server.js';
import { type SseServer, startSse } from '../support/sse-server.js';
import { startTusPeer, type TusPeer } from '../support/tus-peer.js';
import { fetchFilms, listen, Report, sendFilms, showFilm, subscribe } from './rough-clients.js';
import { LiveFeed } from './rough-feed.js';
import { type ScriptedServer, startScripted } from './scripted-server.js';

// Ten minutes of it: MILLRACE_ROUGH_MS=600000. What was found is printed then.
const lengthMs = Number(process.env['MILLRACE_ROUGH_MS'] ?? 10_000);
const seed = Number(process.env['MILLRACE_ROUGH_SEED'] ?? 1);

const rough: Roughness = { both: true, cut: 0.02, stall: 0.01, stallMs: 400, delayMs: 6, pieceBytes: 1200 };
const NAMES = ['kept', 'lost', 'socket', 'film', 'upload'] as const;
type Name = (typeof NAMES)[number];

/** Sockets and timers that keep this thread alive, the one that ends the test or hook among them. */
async function resources(): Promise<readonly number[]> {
  await sleep(10);
  const all = process.getActiveResourcesInfo();
  return ['TCPSocketWrap', 'Timeout'].map((kind) => all.filter((name) => name === kind).length);
}

describe(`${lengthMs} ms of a way that cuts, stalls, splits and delays, seed ${seed}`, () => {
  let feed: LiveFeed;
  let servers: readonly [SseServer, SseServer, SocketServer, ScriptedServer, TusPeer];
  let proxies: Record<Name, RoughProxy>;
  const [kept, lost, films, uploads] = [new Report(), new Report(), new Report(), new Report()];
  const socket = { kept: new Report(), live: new Report(), answers: new Report() };
  let heapsMb: number[] = [];
  let before: readonly number[];

  beforeAll(async () => {
    before = await resources();
    // Much less than the way can carry: else what waits grows, and answers are never reached.
    feed = new LiveFeed(10, lengthMs);
    servers = await Promise.all([
      startSse((answer) => void feed.answer(answer, true)),
      startSse((answer) => void feed.answer(answer, false)),
      startSocketServer({}, (peer) => feed.talk(peer)),
      startScripted((seen, response) => showFilm(seen, response)),
      startTusPeer(),
    ]);
    const origins = servers.map((server) => ('origin' in server ? server.origin : server.url));
    const made = origins.map((origin, i) =>
      RoughProxy.start(Number(new URL(origin).port), seededRandom(seed + i), rough),
    );
    const all = await Promise.all(made);
    proxies = Object.fromEntries(NAMES.map((name, i) => [name, all[i]!])) as Record<Name, RoughProxy>;
    const apiOf = (name: Name) => createApi({ baseUrl: proxies[name].origin, random: seededRandom(seed) });
    const apis = Object.fromEntries(NAMES.map((name) => [name, apiOf(name)])) as Record<Name, ReturnType<typeof apiOf>>;
    const watching = watchHeap();
    await Promise.all([
      listen(apis.kept, kept),
      listen(apis.lost, lost),
      subscribe(proxies.socket.origin.replace('http', 'ws'), apis.socket, socket),
      fetchFilms(apis.film, feed, films),
      sendFilms(apis.upload, servers[4], feed, uploads),
    ]);
    heapsMb = await watching;
    await Promise.all(Object.values(apis).map((api) => api.close()));
  }, lengthMs + 60_000);
  afterAll(async () => {
    await Promise.all(Object.values(proxies).map((proxy) => proxy[Symbol.asyncDispose]()));
    await Promise.all(servers.map((server) => server.close()));
    if (process.env['MILLRACE_ROUGH_MS']) tell();
  });

  /** Looks at a third of the time, when everything has been used, and at the end. */
  async function watchHeap(): Promise<number[]> {
    const heaps: number[] = [];
    for (const share of [1 / 3, 1 / 3, 1 / 3]) {
      await sleep(lengthMs * share);
      await forget();
      heaps.push((await heapBytes()) / 1e6);
    }
    return heaps;
  }

  /** What the servers keep of their clients is no leak of ours. */
  async function forget(): Promise<void> {
    const [first, second, sockets, cinema, tus] = servers;
    for (const log of [first.requests, second.requests, cinema.seen, tus.seen]) log.length = 0;
    for (const _ of sockets.peers.splice(0)) await sockets.accept();
  }

  function tell(): void {
    const done = Object.fromEntries(NAMES.map((name) => [name, proxies[name].done]));
    const seen = { kept, lost, socket, films, uploads };
    process.stderr.write(`${JSON.stringify({ seed, lengthMs, events: feed.count, heapsMb, done, seen }, null, 1)}\n`);
  }

  it('did what it is for, on every connection', () => {
    for (const name of NAMES) {
      const { resets, ends, refused, stalls } = proxies[name].done;
      expect(Math.min(resets + ends + refused, stalls), name).toBeGreaterThan(0);
    }
  });

  it('brings every event of a server that gives ids, once and in order', () => {
    expect(kept).toMatchObject({ last: feed.count, values: feed.count, told: 0, untold: 0, wrong: [] });
    expect(kept.losses).toBeGreaterThan(0);
  });

  it('tells of a gap wherever events of a server without ids are missing', () => {
    expect(lost).toMatchObject({ untold: 0, wrong: [] });
    expect(lost.told).toBeGreaterThan(0);
  });

  it('brings every message of a topic that says where it was, once and in order', () => {
    expect(socket.kept).toMatchObject({ last: feed.count, values: feed.count, told: 0, untold: 0, wrong: [] });
    expect(socket.kept.losses).toBeGreaterThan(0);
  });

  it('tells of a gap wherever messages of another topic are missing', () => {
    expect(socket.live).toMatchObject({ untold: 0, wrong: [] });
    expect(socket.live.told).toBeGreaterThan(0);
  });

  it('answers every request that may be sent again', () => {
    expect(socket.answers).toMatchObject({ untold: 0, wrong: [] });
    expect(socket.answers.last).toBeGreaterThan(0);
  });

  it('brings files whole, down and up', () => {
    for (const report of [films, uploads]) {
      expect(report).toMatchObject({ wrong: [] });
      expect(report.last).toBeGreaterThan(0);
    }
    expect(films.losses + uploads.losses).toBeGreaterThan(0);
  });

  it('leaves nothing behind: no socket, no timer, no memory', async () => {
    await expect.poll(() => NAMES.map((name) => proxies[name].open)).toEqual([0, 0, 0, 0, 0]);
    const left = async (): Promise<boolean> => (await resources()).some((count, i) => count > before[i]!);
    // The proxies' last stalls take a moment.
    for (let i = 0; i < 100 && (await left()); i++);
    expect(await left()).toBe(false);
    expect(heapsMb.at(-1)! - heapsMb[0]!).toBeLessThan(3);
  });
});
