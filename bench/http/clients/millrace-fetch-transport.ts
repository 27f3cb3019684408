import { fetchTransport, type TransportRequest } from 'millrace';

import type { Open } from '../client.ts';

const text = new TextDecoder();
const limits = { bodyBytes: Infinity, errorBodyBytes: Infinity, headerBytes: 65_536, lineBytes: Infinity };

/** What the transport alone costs: answers of a few kilobytes, in one piece each. */
export const open: Open = ({ origin }) => {
  const transport = fetchTransport();
  return {
    start({ path, url, body }, done) {
      const sent = body && JSON.stringify(body);
      const headers = ['accept', 'application/json', ...(sent ? ['content-type', 'application/json'] : [])];
      const request = {
        method: sent ? 'POST' : 'GET',
        url,
        origin,
        path,
        headers,
        body: sent,
        redirect: 'manual',
        limits,
      };
      const pieces: Uint8Array[] = [];
      let status = 0;
      transport.open(request as unknown as TransportRequest, {
        assigned() {},
        sent() {},
        uploaded() {},
        head: (head) => (status = head.status),
        chunk: (bytes) => pieces.push(bytes),
        end() {
          const whole = pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
          if (status === 200) done(undefined, JSON.parse(text.decode(whole)));
          else done(new Error(`status ${status}`));
        },
        fail: done,
      });
    },
  };
};
