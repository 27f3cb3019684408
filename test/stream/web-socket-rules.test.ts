import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { webSocket } from '../../lib/stream/web-socket.js';
import { obeysTheFlowRules } from '../../lib/testing/flow-rules.js';
import { gc } from '../support/gc.js';
import { type SocketServer, startSocketServer } from '../support/socket-server.js';

describe('messages, as a Flow', () => {
  let server: SocketServer;
  beforeAll(async () => {
    // Sends as many as its path says, and says goodbye.
    server = await startSocketServer({}, ({ socket, request }) => {
      const count = Number(request.url!.slice(1));
      for (let n = 0; n < count; n++) socket.send(String(n));
      socket.close(1000);
    });
  });
  afterAll(() => server.close());

  const make = (count: number) => webSocket(() => `${server.url}/${count}`, { end: 'complete' }).messages;
  const failing = (error: unknown) => webSocket(() => Promise.reject(error)).messages;
  obeysTheFlowRules(make, { it, expect, gc, most: 20_000, failing });
});
