import { afterAll, beforeAll, describe, it } from 'vitest';

import { fetchTransport } from '../../lib/transport/fetch.js';
import { transportContract } from '../support/contract/index.js';
import { contractServer } from '../support/contract/node-server.js';
import { type Server, startServer } from '../support/server.js';

describe('fetchTransport over the fetch of this Node', () => {
  let server: Server;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server.close());

  transportContract(
    () => fetchTransport(),
    { it },
    () => contractServer(server),
  );
});
