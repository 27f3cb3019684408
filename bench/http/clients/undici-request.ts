import { request } from 'undici';

import type { Open } from '../client.ts';
import { parse } from '../dispatch.ts';

export const open: Open = () => ({
  call: async ({ url, body: sent, gzip }) => {
    const { statusCode, body } = await (sent ? request(url, post(sent)) : request(url));
    if (statusCode !== 200) throw new Error(`status ${statusCode}`);
    return gzip ? parse([Buffer.from(await body.arrayBuffer())], true) : body.json();
  },
  stream: async (url) => (await request(url)).body,
});

function post(body: object): Parameters<typeof request>[1] & object {
  return { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}
