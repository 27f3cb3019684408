import { createGzip } from 'node:zlib';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { ConfigError } from '../../lib/core/errors.js';
import { undici, type UndiciOptions } from '../../lib/transport/undici.js';
import { setUp } from '../support/contract/bench.js';
import { eventually } from '../support/contract/check.js';
import { transportContract } from '../support/contract/index.js';
import { type Route, startServer } from '../support/server.js';
import { type Facts, startFacts } from './facts.js';

let at: Facts;
beforeAll(async () => {
  at = await startFacts();
});
afterAll(() => at.server.close());

describe('undici', () => {
  transportContract(
    () => undici(),
    { it },
    () => at.facts,
  );

  it('can do everything, and leaves redirects to the client', () => {
    expect(undici().capabilities).toEqual({
      responseStream: true,
      pause: true,
      uploadStream: true,
      uploadProgress: true,
      trailers: true,
      redirects: 'manual',
      decodesBody: false,
      rawHeaders: true,
    });
  });
});

describe('a coded body over undici', () => {
  /** Sends what is flushed, then nothing more. */
  const flushed: Route = async (x) => {
    const gzip = createGzip();
    x.head(200, [['content-encoding', 'gzip']]);
    gzip.on('data', (bytes: Buffer) => void x.write(bytes));
    gzip.write('first line\n');
    gzip.flush();
  };

  it('comes as it is sent where it is a stream', async () => {
    const server = await startServer({ routes: { '/flushed': flushed } });
    const { bench, abortAll, verify } = setUp(undici(), { ...at.facts, origin: server.origin });
    const { sink } = bench.open('/flushed', { stream: true });
    await eventually(() => sink.text === 'first line\n', 'the first line');
    abortAll();
    await server.close();
    verify();
  });

  it('is left as it is where it is part of another, and where it is that of a redirect without one', async () => {
    const { bench, verify } = setUp(undici(), at.facts);
    const part = await bench.fetch('/encoded?as=gzip&status=206');

    expect(part.sink.chunks[0]?.subarray(0, 2)).toEqual(Buffer.from([0x1f, 0x8b]));
    expect((await bench.fetch('/no-content?status=304&header=content-encoding:gzip')).sink.bytes).toBe(0);
    verify();
  });
});

describe('options of undici', () => {
  const dispatcher = { dispatch: () => true };
  const refused: readonly (readonly [field: string, options: UndiciOptions])[] = [
    ['undici.connections', { connections: 0 }],
    ['undici.connections', { connections: 1.5 }],
    ['undici.connectMs', { connectMs: -1 }],
    ['undici.keepAliveMs', { keepAliveMs: Number.NaN }],
    ['undici.connections', { dispatcher, connections: 4 }],
    ['undici.http2', { dispatcher, http2: true }],
    ['undici.tls', { dispatcher, tls: {} }],
    ['undici.proxy', { proxy: 'socks5://localhost:1080' }],
    ['undici.proxy', { proxy: 'localhost:3128' }],
    ['undici.proxy', { proxy: { url: 'not a url' } }],
  ];

  it.each(refused)('names %s where that is at fault', (field, options) => {
    expect(() => undici(options)).toThrow(expect.objectContaining({ kind: 'config', field }));
    expect(() => undici(options)).toThrow(ConfigError);
  });

  it('refuses an option that it does not know', () => {
    expect(() => undici({ conections: 4 } as UndiciOptions)).toThrow(/conections.*connections/);
  });
});
