import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';

import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest';

import type { Page } from '../support/browser/launch.js';
import { type Called, openScript } from '../support/browser/page-script.js';
import { describeInBrowser } from '../support/browser/suite.js';
import { cutBehind } from '../support/cut-behind.js';
import { startStreamPeers } from '../support/stream-peers/start.js';
import { startTusPeer, type TusPeer } from '../support/tus-peer.js';
import type { FilesPage } from './browser-files-page.js';

const entry = fileURLToPath(new URL('./browser-files-page.ts', import.meta.url));
const SIZE = 36_000_000;
const FILE = Buffer.alloc(SIZE);
for (let i = 0; i < SIZE; i++) FILE[i] = i % 251;
/** More than the buffers between a browser and a server take, so that a server that does not read is noticed. */
const chunkBytes = 16_000_000;

describeInBrowser('test/stream/browser-files.test.ts', 9, 'files in Chromium', (suite) => {
  let page: Called<FilesPage>;
  let tab: Page;
  let tus: TusPeer;
  beforeAll(async () => {
    const opened = await openScript<FilesPage>(suite().browser, suite().server, { entry, name: 'filesPage' });
    [page, tab] = [opened.script, opened.page];
  });
  beforeEach(async () => {
    tus = await startTusPeer({ allowedOrigins: [suite().server.origin] });
  });
  afterEach(() => tus.close());

  const completed = async (): Promise<void> => {
    await expect.poll(async () => (await page.look()).end, { timeout: 10_000 }).toBe('complete');
  };
  const methods = (): string[] => tus.seen.map((line) => line.split(' ')[0]!).filter((method) => method !== 'OPTIONS');

  /** Uploads up to some byte of the second chunk, of which the server reads no more until it is told to. */
  async function beginUpload(): Promise<() => void> {
    const held: (() => void)[] = [];
    tus.meet = (request, response) => {
      const isHeld = request.method === 'PATCH';
      if (isHeld) held.push(() => tus.handle(request, response));
      return isHeld;
    };
    await page.upload(tus.origin, SIZE, { chunkBytes });
    await expect.poll(async () => (await page.look()).loaded.at(-1) ?? 0).toBeGreaterThan(chunkBytes);
    tus.meet = () => false;
    return () => {
      for (const handle of held) handle();
    };
  }

  it('go to another origin in chunks, with their progress', async () => {
    tus.meet = (request, response) => {
      setTimeout(() => tus.handle(request, response), 200);
      return true;
    };
    await page.upload(tus.origin, SIZE, { chunkBytes, metadata: { filename: 'größe.bin' } });
    await completed();
    const { url, loaded, total } = await page.look();

    expect((await tus.file(url!)).equals(FILE)).toBe(true);
    expect(await tus.metadata(url!)).toEqual({ filename: 'größe.bin' });
    expect(methods()).toEqual(['POST', 'PATCH', 'PATCH']);
    expect(total).toBe(SIZE);
    expect(loaded).toEqual(loaded.toSorted((a, b) => a - b));
    expect(loaded.at(-1)).toBe(SIZE);
    expect(loaded.some((bytes) => bytes % chunkBytes !== 0 && bytes < SIZE)).toBe(true);
    expect(await page.kept()).toBe(0);
  });

  it('go on where the server is when the connection breaks in the middle of a chunk', async () => {
    let chunks = 0;
    tus.meet = (request) => {
      if (request.method === 'PATCH' && ++chunks <= 2) cutBehind(request, 3_000_000);
      return false;
    };
    await page.upload(tus.origin, SIZE, { chunkBytes });
    await completed();
    const { url, types } = await page.look();

    expect((await tus.file(url!)).equals(FILE)).toBe(true);
    expect(types).toContain('lost');
    expect(types).not.toContain('gap');
    expect(methods()).toContain('HEAD');
  });

  it('are paused by leaving, down to the socket, and go on with another subscription', async () => {
    const readOn = await beginUpload();
    await page.leave();
    readOn();
    await expect.poll(() => tus.busy).toBe(0);
    await page.subscribe();
    await completed();

    expect((await tus.file((await page.look()).url!)).equals(FILE)).toBe(true);
    expect(methods().filter((method) => method === 'POST')).toHaveLength(1);
  });

  it('go on behind a reload of the page, by what localStorage knows', async () => {
    const readOn = await beginUpload();
    await tab.reload();
    readOn();
    await tab.waitForFunction('globalThis.filesPage');
    expect(await page.kept()).toBe(1);
    tus.seen.length = 0;
    await page.upload(tus.origin, SIZE, { chunkBytes });
    await completed();

    expect((await tus.file((await page.look()).url!)).equals(FILE)).toBe(true);
    expect(methods()[0]).toBe('HEAD');
    expect(methods()).not.toContain('POST');
    expect(await page.kept()).toBe(0);
  });

  it('are thrown away by the server when they are terminated', async () => {
    const readOn = await beginUpload();
    await page.leave();
    readOn();
    await page.terminate();

    expect(tus.seen.at(-1)).toMatch(/^DELETE /);
    expect(await page.kept()).toBe(0);
  });

  it.each(['put', 'multipart'] as const)('go in one request by %s, with their progress', async (protocol) => {
    await using peers = await startStreamPeers();
    const metadata = protocol === 'multipart' ? { metadata: { album: '7' } } : {};
    await page.upload(peers.origin, SIZE, { protocol, ...metadata });
    await completed();
    const { body, loaded } = await page.look();

    expect(body).toMatchObject({ method: protocol === 'put' ? 'PUT' : 'POST' });
    expect((body as { bytes: number }).bytes).toBeGreaterThanOrEqual(SIZE);
    expect(loaded.length).toBeGreaterThan(1);
    expect(loaded.at(-1)).toBeGreaterThanOrEqual(SIZE);
  });

  it('may take longer than an attempt while they move, also where nobody looks at the progress', async () => {
    await using peers = await startStreamPeers();
    const timeouts = { attemptMs: 2000, totalMs: 2000, idleMs: 5000 };

    expect(await page.putQuietly(peers.origin, '/put-slowly', SIZE, timeouts)).toBe('complete');
  });

  it('come from another origin, and go on where the connection broke', async () => {
    await using peers = await startStreamPeers();
    await page.download(peers.origin, '/film');
    await completed();

    const film = Uint8Array.from({ length: 300_000 }, (_, i) => (i * i) % 251);
    expect(await page.digest()).toBe(createHash('sha256').update(film).digest('hex'));
    expect((await page.look()).types.filter((type) => type === 'lost')).toHaveLength(2);
  });
});
