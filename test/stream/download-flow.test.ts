import { describe, expect, it } from 'vitest';

import { createApi } from '../../lib/http/api.js';
import { download } from '../../lib/stream/download.js';
import { fakeTransport } from '../../lib/testing/fake-transport.js';
import { obeysTheFlowRules } from '../../lib/testing/flow-rules.js';
import type { Transport } from '../../lib/transport/contract.js';
import { gc } from '../support/gc.js';

/** A transport that answers at once, with as many pieces as the path says. */
function answering(): Transport {
  const fake = fakeTransport();
  return {
    capabilities: fake.capabilities,
    open(request, sink) {
      const handle = fake.open(request, sink);
      const answer = fake.last.head(200);
      for (let piece = Number(request.path.slice(1)); piece > 0; piece--) answer.chunk('x');
      answer.end();
      return handle;
    },
  };
}

describe('download', () => {
  const api = createApi({ baseUrl: 'https://a.test', transport: answering(), timeouts: false });
  obeysTheFlowRules((count) => download(api, `/${count}`), {
    it,
    expect,
    gc,
    most: 25_000,
    failing: (error) =>
      download(api, '/1', {
        headers: () => {
          throw error;
        },
      }),
  });
});
