import { fromFetch } from 'rxjs/fetch';

import type { Open } from '../client.ts';
import { read } from '../observed.ts';

const selector = async (answer: Response): Promise<unknown> => {
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  return answer.json();
};

export const open: Open = () => ({
  start: ({ url, body }, done) => read(fromFetch(url, body ? { ...post(body), selector } : { selector }), done),
});

function post(body: object): RequestInit {
  return { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}
