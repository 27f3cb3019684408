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

/** What `streams.mjs` must find, in every runtime and in workers. */
export const expectedStreams = {
  events: {
    values: Array.from({ length: 9 }, (_, i) => [String(i + 1), i + 1, '€ 😀']),
    gaps: 0,
    wasLost: true,
  },
  socket: {
    answers: [2, 20, 20],
    topic: [1, 1, 1],
    types: ['open', 'lost', 'open', 'gap', 'lost', 'open', 'gap', 'lost'],
    causes: ['network', 'timeout', 'close'],
    end: ['close', 1008, 'no more'],
  },
  bytes: [0, 255, 128],
  refused: 'network',
  left: { before: { streams: 1, sockets: 1 }, after: { streams: 0, sockets: 0 } },
  job: { rows: 3 },
  pages: [1, 2, 3, 4, 5],
  uploaded: { bytes: 400_000, isSame: true, wasLost: true },
  plainly: { put: ['PUT', 400_000], form: ['POST', true] },
  downloaded: { bytes: 300_000, isSame: true, losses: 2 },
  decoded: [1, 2, 3],
};

const textOf = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8');

/** The text of the program. */
export const program: string = textOf('program.mjs');

/** The text of the module whose `runStreams` gives the result. */
export const streams: string = textOf('streams.mjs');
