import { filter, lastValueFrom, type Observable, take, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';

import { exponential } from '../../lib/core/backoff.js';
import { type Api, createApi } from '../../lib/http/api.js';
import { download } from '../../lib/stream/download.js';
import { eventStream } from '../../lib/stream/event-stream.js';
import { upload } from '../../lib/stream/upload.js';
import { webSocket } from '../../lib/stream/web-socket.js';
import { startSocketServer } from '../support/socket-server.js';

const reconnect = { baseMs: 1, capMs: 2 };
const BUDGET = 10;

/** Sources that a server with 503 for everybody turns away. */
const sources: Record<string, (api: Api, origin: string) => Observable<{ readonly type: string }>> = {
  eventStream: (api) => eventStream(api, '/x', { reconnect }).events(),
  download: (api) => download(api, '/x', { reconnect }).events(),
  upload: (api) => upload(api, '/x', new Uint8Array(9), { reconnect }).events(),
  webSocket: (api, origin) => webSocket(origin.replace('http', 'ws'), { api, reconnect }).messages.events(),
};

describe('the budget of an origin', () => {
  it.each(Object.entries(sources))('is shared by %s and the retries of calls', async (_, events) => {
    await using server = await startSocketServer({ verifyClient: (_info, done) => void done(false, 503) });
    await using other = await startSocketServer();
    const [origin, elsewhere] = [server, other].map(({ url }) => url.replace('ws', 'http'));
    const api = createApi({ baseUrl: origin!, absolute: 'allow', retry: { backoff: exponential({ capMs: 1 }) } });
    const attemptsOf = async (url: string): Promise<unknown> =>
      lastValueFrom(api.get(url)).catch(({ attempts }: { readonly attempts: number }) => attempts);

    const waits = events(api, origin!).pipe(filter(({ type }) => type === 'waiting'));
    await lastValueFrom(waits.pipe(take(BUDGET), toArray()));
    // One attempt was given back: it was not made.
    expect(await attemptsOf('/x')).toBe(2);
    expect(await attemptsOf('/x')).toBe(1);
    expect(await attemptsOf(`${elsewhere}/x`)).toBe(3);
    await api.close();
  });
});
