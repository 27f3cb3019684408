import { afterEach, expect, it } from 'vitest';

import { createApi } from '../../lib/http/api.js';
import { undici } from '../../lib/transport/undici.js';
import { type ScriptedServer, startScripted } from '../stream/scripted-server.js';

let server: ScriptedServer;
afterEach(() => server.close());

it.each([
  ['bytes', new Uint8Array(2000)],
  ['a Blob', new Blob([new Uint8Array(200_000)])],
  [
    'a stream',
    async function* () {
      yield new Uint8Array(70_000);
      yield new Uint8Array(70_000);
    },
  ],
])('undici is left from within the progress of %s, and goes on with the next call', async (_, body) => {
  server = await startScripted((__, response) => void response.end('{}'));
  const transport = undici({ connections: 1 });
  const api = createApi({ baseUrl: server.origin, transport });
  const post = () => api.post('/', { body: typeof body === 'function' ? () => body() : body });
  await new Promise((resolve) => void post().subscribe(resolve));
  for (let i = 0; i < 3; i++) {
    await new Promise<void>((resolve) => {
      server.onClose = resolve;
      const subscription = post()
        .events()
        .subscribe((event) => {
          if (event.type === 'upload') subscription.unsubscribe();
        });
    });
    expect(await new Promise((resolve) => void post().subscribe(resolve))).toEqual({});
  }
  await transport.close?.();
});
