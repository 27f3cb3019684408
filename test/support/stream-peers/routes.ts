import { Buffer } from 'node:buffer';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

import { beginFile } from '../begin-file.js';

/** Answers a request. */
export type Route = (request: IncomingMessage, response: ServerResponse) => void;

/** The last event of the feed. */
const LAST_EVENT = 9;
const FILM = Buffer.from(Uint8Array.from({ length: 300_000 }, (_, i) => (i * i) % 251));

/**
 * The routes of one start, with what they remember.
 *
 * @param sockets - how many sockets are open
 */
export function routes(sockets: () => number): Record<string, Route> {
  let feeds = 0;
  let hushed = 0;
  let polls = 0;
  let films = 0;
  return {
    '/events': (request, response) => feed(request, response, ++feeds),
    // One event, and then nothing, for ever.
    '/hush': (_, response) => {
      hushed++;
      response.once('close', () => hushed--);
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: hush\n\n');
    },
    '/open': (_, response) => void response.end(JSON.stringify({ streams: hushed, sockets: sockets() })),
    '/jobs': (_, response) => void response.writeHead(202, { location: '/jobs/1', 'retry-after': '0' }).end(),
    '/jobs/1': (_, response) => job(response, ++polls),
    '/pages': page,
    '/film': (request, response) => film(request, response, ++films),
    '/put': (request, response) => void receive(request, response, 0).catch(leave),
    '/put-slowly': (request, response) => void receive(request, response, 10).catch(leave),
  };
}

/** Three events behind the last one that the client has, and then the connection ends or breaks. */
function feed({ headers }: IncomingMessage, response: ServerResponse, count: number): void {
  const from = Number(headers['last-event-id'] ?? 0) + 1;
  if (from > LAST_EVENT) return void response.writeHead(204).end();
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (let id = from; id < from + 3; id++) response.write(`id: ${id}\r\ndata: {"n":${id},"text":"€ 😀"}\r\n\r\n`);
  // The first ends well: a connection that broke before its first event is there has no id to go on from.
  setTimeout(() => (count % 2 === 1 ? response.end() : response.socket?.resetAndDestroy()), 20);
}

/** Not ready, not well, and then done. */
function job(response: ServerResponse, poll: number): void {
  if (poll === 1) response.writeHead(202, { 'retry-after': '0' }).end();
  else if (poll === 2) response.writeHead(503, { 'retry-after': '0' }).end();
  else response.writeHead(200, { 'content-type': 'application/json' }).end('{"rows":3}');
}

function page({ url }: IncomingMessage, response: ServerResponse): void {
  const n = Number(new URL(url!, 'http://peers.test').searchParams.get('page') ?? 1);
  const link = n < 3 ? { link: `</pages?page=${n + 1}>; rel="next"` } : {};
  response.writeHead(200, { 'content-type': 'application/json', ...link }).end(JSON.stringify([n * 2 - 1, n * 2]));
}

/** All that is left of the film, of which the first two answers break off. */
function film(request: IncomingMessage, response: ServerResponse, count: number): void {
  const at = beginFile(request, response, FILM, '"film"');
  if (count > 2) return void response.end(FILM.subarray(at));
  response.write(FILM.subarray(at, at + 100_000), () => setTimeout(() => response.destroy(), 20));
}

/** Whoever leaves is told nothing. */
const leave = (): void => undefined;

/** Tells what came. Reads nothing for a while at first, so that the progress shows, and then with pauses. */
async function receive(request: IncomingMessage, response: ServerResponse, pauseMs: number): Promise<void> {
  await sleep(200);
  const pieces: Buffer[] = [];
  for await (const piece of request) {
    pieces.push(piece as Buffer);
    if (pauseMs > 0) await sleep(pauseMs);
  }
  const body = Buffer.concat(pieces);
  const told = { method: request.method, bytes: body.length, begin: body.toString('latin1', 0, 500) };
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(told));
}
