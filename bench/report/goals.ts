import type { Case, Row } from '../harness/contract.ts';
import { brief, median } from '../harness/stats.ts';

/** What was to be reached, and whether it was. */
export interface Goal {
  readonly work: string;
  readonly goal: string;
  readonly figure: string;
  /** Undefined when only the full run can tell. */
  readonly met: boolean | undefined;
}

type Check = (found: Found) => Goal[];

/** The cases of all parts, by id. */
export class Found {
  readonly #cases: ReadonlyMap<string, Case>;

  constructor(cases: readonly Case[]) {
    this.#cases = new Map(cases.map((one) => [one.id, one]));
  }

  get ids(): string[] {
    return [...this.#cases.keys()];
  }

  case(id: string): Case | undefined {
    return this.#cases.get(id);
  }

  row(id: string, name: string): Row | undefined {
    return this.#cases.get(id)?.rows.find((row) => row.name === name);
  }
}

const times = (ratio: number): string => `${brief(ratio)} times`;

/** A peer's figure is to be so many times ours. */
const ahead =
  (work: string, id: string, peer: string, least: number): Check =>
  (found) => {
    const row = found.row(id, peer);
    if (!row) return [];
    const goal = least >= 1 ? `1/${least} of ${peer}` : `${brief(1 / least)} of ${peer}`;
    return [{ work, goal: `at most ${goal}`, figure: figureOf(row.ratio, least), met: row.ratio >= least }];
  };

const figureOf = (ratio: number, least: number): string => (least >= 1 ? `1/${brief(ratio)}` : brief(1 / ratio));

const isPeer = ({ name }: Row): boolean => !/^(millrace|undici dispatch)/.test(name);

/** Every peer above `dispatch` is to be behind. */
const first: Check = (found) =>
  found.ids
    .filter((id) => /^http\/(small\/1$|large|gzip|post)/.test(id))
    .map((id) => {
      const { title, rows } = found.case(id)!;
      const peers = rows.filter(isPeer);
      const before = peers.filter(({ ratio }) => ratio < 1);
      const next = peers[0];
      const figure =
        before.length > 0
          ? `ahead of us: ${before.map(({ name, ratio }) => `${name} (${brief(ratio)})`).join(', ')}`
          : `next: ${next?.name}, ${times(next?.ratio ?? NaN)}`;
      return {
        work: title.replace('; per call', ''),
        goal: 'ahead of every peer above dispatch',
        figure,
        met: before.length === 0,
      };
    });

const overFetch =
  (work: string, name: string): Check =>
  (found) => {
    const ours = found.row('http/small/64', name)?.rounds;
    const bare = found.row('http/small/64', 'fetch with an AbortController')?.rounds;
    if (!ours || !bare) return [];
    const ratio = median(ours.map((value, round) => value / bare[round]!));
    return [
      {
        work,
        goal: 'within 1.05 of a bare cancellable fetch',
        figure: brief(ratio),
        met: ratio <= 1.05,
      },
    ];
  };

/** Policies that have nothing to do: all rows but the first are the same call with them around it. */
const idle: Check = (found) =>
  (found.case('operators/idle')?.rows ?? [])
    .filter(({ name }) => name !== 'millrace' && name.includes('standardPolicies'))
    .map(({ name, ratio }) => ({
      work: `a call with ${name.replace('millrace, ', '')}`,
      goal: 'at most 1.25 of the same call without',
      figure: brief(ratio),
      met: ratio <= 1.25,
    }));

const linear: Check = (found) =>
  (found.case('growth/slopes')?.rows ?? []).map(({ name, value, facts }) => ({
    work: `growth, ${name}`,
    goal: 'exponent at most 1.1',
    figure: `${brief(value)} (RxJS ${brief(facts?.['rxjs'] ?? NaN)}, no operator ${brief(facts?.['floor'] ?? NaN)})`,
    met: value <= 1.1,
  }));

const million: Check = (found) => {
  const rows = found.case('growth/waiting')?.rows.filter(({ name }) => name.startsWith('RxJS')) ?? [];
  const last = rows.toSorted((a, b) => (b.facts?.['n'] ?? 0) - (a.facts?.['n'] ?? 0))[0];
  if (!last) return [];
  const n = last.facts?.['n'] ?? 0;
  const figure = n === 1_000_000 ? times(last.ratio) : `${times(last.ratio)} at ${n}; the full run goes to a million`;
  const met = n === 1_000_000 ? last.ratio >= 100 : undefined;
  return [{ work: 'a million waiting items', goal: '100 times ahead of RxJS mergeMap', figure, met }];
};

const flat: Check = (found) => {
  const rows = found.case('flow/flat')?.rows ?? [];
  if (rows.length === 0) return [];
  const peaks = rows.map(({ value }) => value);
  const held = rows.map(({ facts }) => facts?.['mostHeld'] ?? NaN);
  const figure = `${peaks.map((mb) => `${brief(mb)} MB`).join(', ')}; items held: ${held.join(', ')}`;
  // The heap grows to its working size within the first hundred thousand items.
  const isFull = rows.at(-1)!.name.includes('10 000 000');
  const isFlat = Math.max(...peaks) <= Math.min(...peaks) * 1.25 && new Set(held).size === 1;
  const goal = 'the same at 10^5, 10^6 and 10^7 items';
  return [{ work: 'memory under a slow sink', goal, figure, met: isFull ? isFlat : undefined }];
};

const sender: Check = (found) => {
  const row = found.row('flow/socket', 'millrace');
  const early = row?.facts?.['early'];
  if (row === undefined || early === undefined) return [];
  // What fits into the buffers of the system is 10 MB at most: much of a quick run, little of a full one.
  const isFull = found.case('flow/socket')!.title.includes('1 000 000');
  const figure = `${brief((1 - early) * 100)} % of the time${isFull ? '' : '; a quick run fits into the buffers'}`;
  const met = isFull ? early <= 0.1 : undefined;
  return [{ work: 'a slow sink over a socket', goal: 'the sender is held, 90 % of the time', figure, met }];
};

const SMALL = '200 B of JSON, 64 at a time';
const PARSE = 'JSON.parse on pre-split strings';
const checks: readonly Check[] = [
  ahead(SMALL, 'http/small/64', 'built-in fetch', 7),
  ahead(SMALL, 'http/small/64', 'Angular HttpClient', 10),
  ahead(SMALL, 'http/small/64', 'ky', 10),
  ahead(SMALL, 'http/small/64', 'axios', 13),
  ahead(SMALL, 'http/small/64', 'got', 13),
  ahead(SMALL, 'http/small/64', 'undici.request', 1.4),
  ahead(SMALL, 'http/small/64', 'undici dispatch, Pool', 1 / 1.1),
  ahead(SMALL, 'http/small/64', 'undici dispatch, a free list of Clients', 1 / 1.1),
  ahead('1 000 at a time', 'http/small/1000', 'built-in fetch', 6),
  ahead('1 000 at a time', 'http/small/1000', 'undici.request', 2),
  first,
  overFetch('the fetch transport', 'millrace, fetch transport'),
  overFetch('the fetch transport, without the client', 'millrace, `fetchTransport` alone'),
  ahead('heap per pending call', 'memory/heap', 'built-in fetch', 2),
  ahead('heap per pending call', 'memory/heap', 'undici.request', 1),
  ahead('mergeOrdered, per item', 'operators/merge-ordered', 'RxJS mergeMap + reordering scan', 8),
  ahead('mergeOrdered in .via()', 'flow/free', 'Node Readable.map', 2.5),
  ahead('mergeOrdered in .via()', 'flow/free', 'p-map, pMapIterable', 2),
  ahead('debounceMap on bursts', 'operators/debounce-map', 'RxJS debounceTime + distinctUntilChanged + switchMap', 8),
  idle,
  linear,
  million,
  flat,
  sender,
  ahead('NDJSON, 200 B, latin', 'decode/ndjson-200-latin', PARSE, 1 / 1.15),
  ahead('NDJSON, 2 000 B, latin', 'decode/ndjson-2000-latin', PARSE, 1 / 1.15),
  ahead('NDJSON, 200 B, greek', 'decode/ndjson-200-greek', PARSE, 1 / 1.15),
  ahead('a flood from a WebSocket, 200 B', 'sockets/receive', 'ws, no wrapper', 1 / 1.1),
  ahead('a flood from a WebSocket, 200 B', 'sockets/receive', 'RxJS webSocket over ws', 1),
  ahead('a flood from a WebSocket, 200 B', 'sockets/receive', 'rxjs-websockets over ws', 1),
  ahead('a flood from a WebSocket, 25 B', 'sockets/tiny', 'ws, no wrapper', 1 / 1.1),
  ahead('a flood from a WebSocket, 25 B', 'sockets/tiny', 'RxJS webSocket over ws', 1),
  ahead('a flood from a WebSocket, 25 B', 'sockets/tiny', 'rxjs-websockets over ws', 1),
  ahead('SSE, tokens', 'decode/sse-chunk', 'eventsource-parser', 1),
  ahead('SSE, named tokens', 'decode/sse-named', 'eventsource-parser', 1),
  ahead('SSE, with ids', 'decode/sse-ided', 'eventsource-parser', 1),
  ahead('SSE, tiny events', 'decode/sse-tiny', 'eventsource-parser', 1),
  ahead('SSE over a socket', 'sse/chunk', 'fetch + eventsource-parser', 1),
  ahead('SSE over a socket', 'sse/chunk', 'eventsource', 1),
  ahead('SSE over a socket', 'sse/chunk', 'undici EventSource', 1),
  ahead('SSE over a socket, tiny events', 'sse/tiny', 'fetch + eventsource-parser', 1),
  ahead('the client, minified and gzipped', 'size/clients', 'ky', 1),
];

/** The goals that the measured cases can tell about. */
export const goalsOf = (cases: readonly Case[]): Goal[] => checks.flatMap((check) => check(new Found(cases)));
