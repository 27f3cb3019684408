import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { ConfigError } from '../../lib/core/errors.js';
import { undici, type UndiciOptions } from '../../lib/transport/undici.js';
import { transportContract } from '../support/contract/index.js';
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
