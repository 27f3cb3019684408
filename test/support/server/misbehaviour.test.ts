import { Agent } from 'node:http';
import { connect } from 'node:net';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { misbehaviours } from './misbehaviours.js';
import { ask, get, talk } from './raw-client.js';
import { startServer } from './start.js';
import type { Server } from './types.js';

let server: Server;
beforeAll(async () => void (server = await startServer()));
afterAll(() => server.close());

const wire = (path: string, options = {}) => talk(server.port, get(path), options);

describe('every misbehaviour', () => {
  it.concurrent.each(Object.entries(misbehaviours))('%s sends its bytes and leaves as it says', async (name, how) => {
    const whole = how.send.join('').replaceAll('{cors}', '');
    const leaves = how.after === 'fin' || how.after === 'reset';
    const stops = leaves ? {} : whole === '' ? { patienceMs: 100 } : { until: whole };
    const { bytes, ended } = await wire(`/bad/${name}?id=${name}`, stops);
    expect(bytes).toBe(whole);
    expect(ended).toBe(leaves ? how.after : 'open');
    const states = { fin: 'broken', reset: 'broken', keep: 'finished', stall: 'aborted' } as const;
    const state = states[how.after];
    expect(await server.waitFor((seen) => seen.id === name && seen.state !== 'open')).toMatchObject({ state });
  });

  it('lets a page read what comes before the break', async () => {
    const { bytes } = await talk(server.port, get('/bad/fin-mid-body', 'origin: http://page.test\r\n'));
    expect(bytes).toContain('access-control-allow-origin: http://page.test\r\n');
  });
});

describe('heads without measure', () => {
  it('goes on for ever', async () => {
    const { bytes } = await wire('/bad/endless-header?id=endless', { until: 'x-endless-500:' });
    expect(bytes.length).toBeGreaterThan(500_000);
    expect(await server.closed('endless')).toMatchObject({ state: 'aborted' });
  });

  it('is as large as asked', async () => {
    const { bytes } = await wire('/bad/huge-header?bytes=300000', { until: 'hello' });
    expect(bytes).toMatch(/x-huge: a{300000}\r\n/);
  });
});

describe('raw answers', () => {
  it('are sent byte for byte', async () => {
    const send = encodeURIComponent('HTTP/1.1 200 OK\r\n\r\n');
    expect(await wire(`/raw?send=${send}&base64=/wA%3D&then=fin`)).toEqual({
      bytes: 'HTTP/1.1 200 OK\r\n\r\n\xff\0',
      ended: 'fin',
    });
    expect(await wire('/raw?then=reset')).toEqual({ bytes: '', ended: 'reset' });
  });
});

describe('keep-alive', () => {
  const two = (path: string) => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const first = ask(server.url(path), { agent });
    return first.then(async (answer) => {
      const second = await ask(server.url(path), { agent });
      agent.destroy();
      return [answer, second] as const;
    });
  };

  it('breaks on the second request', async () => {
    const [first, second] = await two('/bad/reset-on-reuse');
    expect([first.text, first.error, second.error]).toEqual(['hello', undefined, 'ECONNRESET']);
  });

  it('ends right after an answer that promised more', async () => {
    for (const how of ['fin', 'reset'] as const) {
      const { bytes, ended } = await wire(`/bad/close-after?how=${how}&after=5`);
      expect(bytes).toMatch(/connection: keep-alive[^]*hello$/i);
      expect(ended).toBe(how);
    }
    expect((await two('/bad/close-after?after=1'))[0].text).toBe('hello');
  });

  it('ends as announced', async () => {
    const { bytes, ended } = await wire('/bad/connection-close');
    expect(bytes).toMatch(/connection: close/i);
    expect(ended).toBe('fin');
  });

  it('brings an answer that nobody asked for', async () => {
    const { bytes, ended } = await wire('/bad/unasked?status=408', { until: 'unasked' });
    expect(bytes).toMatch(/hello[^]*HTTP\/1.1 408 Unasked/);
    expect(ended).toBe('open');
  });
});

describe('answers that do not wait', () => {
  const head = 'host: a\r\ncontent-length: 1000\r\n\r\n';

  it('come before the body was sent', async () => {
    const { bytes, ended } = await talk(server.port, `POST /bad/early-answer HTTP/1.1\r\n${head}`, { until: 'hello' });
    expect([bytes.includes('200 OK'), ended]).toEqual([true, 'open']);
  });

  it('never come', async () => {
    expect(await wire('/bad/never?id=never', { patienceMs: 100 })).toEqual({ bytes: '', ended: 'open' });
    expect(await server.closed('never')).toMatchObject({ status: 0 });
  });

  it('see a client that leaves in the middle of its own request', async () => {
    const socket = connect(server.port, '127.0.0.1', () => socket.write(`POST /echo?id=half HTTP/1.1\r\n${head}half`));
    await server.waitFor(({ id, body }) => id === 'half' && body.bytes >= 0);
    socket.resetAndDestroy();
    expect(await server.closed('half')).toMatchObject({ body: { complete: false } });
  });

  it('count requests that are none', async () => {
    expect((await talk(server.port, 'nonsense\r\n\r\n')).bytes).toContain(' 400 ');
    expect(server.stats().refused).toBe(1);
  });
});
