import type { Connection } from './connections.js';
import { corsHeaders, headerOf } from './cors.js';
import { createEnding, sleepUntil } from './ending.js';
import type { Journal, Logged } from './journal.js';
import { createOutlet } from './outlet.js';
import { pathOf, readQuery } from './query.js';
import { createMeter, readAll } from './request-body.js';
import type { Exchange, Pair, Recorded, Wire } from './types.js';

/** What every exchange of one origin shares. */
export interface Place {
  readonly at: string;
  readonly journal: Journal;
  nextId(): string;
}

/** Takes one request in: from here it is in the log, and its end ends whatever waits for it. */
export function createExchange(place: Place, wire: Wire, connection: Connection, kind: Logged['kind']): Exchange {
  const { at, journal } = place;
  const { method, target: url, version: httpVersion, headers } = wire;
  const query = readQuery(url);
  const path = pathOf(url);
  const gone = new AbortController();
  const { signal } = gone;
  const meter = createMeter();
  const outlet = createOutlet(wire, signal, journal);
  const ending = createEnding(wire, gone, journal);
  const cors = (exposed: readonly string[]) => corsHeaders(headers, query, exposed);
  const answer = createAnswer(wire, cors, outlet.write);
  const fixed = { id: query.text('id', place.nextId()), method, url, path, at, httpVersion, headers };
  const turn = (connection.turns += 1);
  let whole: Promise<Buffer> | undefined;

  const recorded = (): Recorded => {
    const trailers = wire.trailers();
    const received = { trailers, body: meter.recorded(), connection: connection.number };
    return { ...fixed, ...received, status: answer.status(), ...ending.recorded(), ...outlet.recorded() };
  };

  const { write, writeRaw } = outlet;
  const { finish, breakOff } = ending;
  const parts = { wire, query, path, journal, signal, turn, recorded, write, writeRaw, finish, breakOff };
  ending.begin({ kind, recorded });
  return {
    ...parts,
    header: (name) => headerOf(headers, name),
    sleep: (ms) => sleepUntil(ms, signal),
    head: answer.head,
    end: (trailers = []) => wire.end(trailers),
    send: answer.send,
    json: (value, status = 200, more = []) =>
      answer.send(status, [['content-type', 'application/json'], ...more], JSON.stringify(value)),
    body: () => (whole ??= readAll(wire.incoming, meter, signal)),
    received: meter.received,
    receivedAll: meter.complete,
    corsLines: (names = []) =>
      cors(names)
        .map(([name, value]) => `${name}: ${value}\r\n`)
        .join(''),
  };
}

const empty = new Uint8Array();
const bodyless: ReadonlySet<number> = new Set([204, 304]);

/** Well-formed answers, readable from other origins. */
function createAnswer(wire: Wire, cors: (exposed: readonly string[]) => Pair[], write: Exchange['write']) {
  let sent = 0;
  const begin = (status: number, headers: readonly Pair[], reason?: string) => {
    sent = status;
    wire.head(status, [...headers, ...cors(headers.map(([name]) => name))], reason);
  };
  return {
    /** 0 until a head was sent. */
    status: () => sent,
    head(status: number, headers: readonly Pair[] = [], reason?: string) {
      begin(status, headers, reason);
      wire.flush();
    },
    send(status: number, headers: readonly Pair[], body: Uint8Array | string = empty, reason?: string) {
      const bytes = typeof body === 'string' ? Buffer.from(body) : body;
      const length: Pair[] = bodyless.has(status) ? [] : [['content-length', String(bytes.length)]];
      begin(status, [...headers, ...length], reason);
      const silent = wire.method === 'HEAD' || bodyless.has(status) || bytes.length === 0;
      if (!silent) write(bytes).catch(() => {}); // the client may have left
      wire.end([]);
    },
  };
}
