import { readFileSync } from 'node:fs';

/** What `program.mjs` must find, in every runtime. */
export const expected = {
  json: { ok: true, list: [1, 2, 3], text: '€' },
  rows: [1, 2, 3],
  retried: 3,
  ordered: ['/echo?n=3', '/echo?n=1', '/echo?n=2'],
  searched: '/echo?q=ab',
  failed: { kind: 'status', status: 404, attempts: 1 },
  fetched: 418,
  faked: { fake: true },
};

/** The text of the program. */
export const program: string = readFileSync(new URL('program.mjs', import.meta.url), 'utf8');
