import { afterAll, beforeAll, describe, it } from 'vitest';

import { crossFetch } from '../../lib/transport/cross-fetch.js';
import { transportContract } from '../support/contract/index.js';
import { contractServer } from '../support/contract/node-server.js';
import { type Server, startServer } from '../support/server.js';

describe('crossFetch on Node, which is node-fetch', () => {
  let server: Server;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server.close());

  transportContract(
    () => crossFetch(),
    { it },
    () => contractServer(server),
  );
});
