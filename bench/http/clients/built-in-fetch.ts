import type { Open } from '../client.ts';

export const open: Open = () => ({
  call: async ({ url, body }) => {
    const answer = await (body ? fetch(url, post(body)) : fetch(url));
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    return answer.json();
  },
  stream: async (url) => (await fetch(url)).body!,
});

function post(body: object): RequestInit {
  return { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}
