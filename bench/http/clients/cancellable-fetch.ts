import type { Open } from '../client.ts';

// The least that somebody writes who wants to cancel: a controller per call.
export const open: Open = () => ({
  call: async ({ url, body }) => {
    const { signal } = new AbortController();
    const init = body
      ? { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body), signal }
      : { signal };
    const answer = await fetch(url, init);
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    return answer.json();
  },
});
