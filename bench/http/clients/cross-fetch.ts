import fetch from 'cross-fetch';

import type { Chunks, Open } from '../client.ts';

// On Node this is node-fetch 2, whose body is a stream of Node.
export const open: Open = () => ({
  call: async ({ url, body }) => {
    const answer = await (body ? fetch(url, post(body)) : fetch(url));
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    return answer.json();
  },
  stream: async (url) => (await fetch(url)).body as unknown as Chunks,
});

function post(body: object): RequestInit {
  return { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}
