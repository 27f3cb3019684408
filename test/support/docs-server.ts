import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { DocsFiles } from './docs-files.js';
import { addDocsSockets } from './docs-sockets.js';

/** The server that examples reach as `https://api.example.com`; `docs/contributing.md` lists its routes. */
export interface DocsServer {
  readonly origin: string;
  close(): Promise<void>;
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly url: URL;
  readonly body: string;
  /** What the route's pattern captured. */
  readonly match: RegExpExecArray;
  reply(status: number, body?: unknown, headers?: Record<string, string>): void;
}

type Route = readonly [method: string, path: RegExp, answer: (exchange: Exchange) => void];

const names = ['Ada', 'Grace', 'Alan', 'Barbara', 'Edsger', 'Frances', 'Donald', 'Radia', 'Tony', 'Hedy'];
const nameOf = (id: number) => names[(id - 1) % names.length] ?? 'Nobody';
const userOf = (id: number) => ({ id, name: nameOf(id) });
const lastId = 100;

/** Starts a server of its own on a free port of this machine. */
export async function startDocsServer(): Promise<DocsServer> {
  const routes = makeRoutes();
  const files = new DocsFiles();
  const server = createServer((request, response) => void answer(routes, files, request, response));
  const closeSockets = addDocsSockets(server);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
      closeSockets();
    });
  return { origin: `http://127.0.0.1:${port}`, close };
}

function makeRoutes(): Route[] {
  const failures = new Map<string, number>();
  const reports: string[] = [];
  return [
    ['GET', /^\/users$/, ({ url, reply }) => reply(200, usersLike(url.searchParams.get('q') ?? ''))],
    [
      'POST',
      /^\/users$/,
      ({ body, reply }) => reply(201, { id: lastId + 1, ...parse(body) }, { location: `/users/${lastId + 1}` }),
    ],
    ['GET', /^\/users\/(\d+)$/, withUser(({ reply }, id) => reply(200, userOf(id)))],
    ['PUT', /^\/users\/(\d+)$/, withUser(({ body, reply }, id) => reply(200, { ...parse(body), id }))],
    ['PATCH', /^\/users\/(\d+)$/, withUser(({ body, reply }, id) => reply(200, { ...userOf(id), ...parse(body), id }))],
    ['DELETE', /^\/users\/(\d+)$/, withUser(({ reply }) => reply(204))],
    ['GET', /^\/people$/, peoplePage],
    ['POST', /^\/reports$/, (exchange) => startReport(reports, exchange)],
    ['GET', /^\/reports\/(\d+)\/status$/, (exchange) => reportStatus(reports, exchange)],
    [
      'DELETE',
      /^\/reports\/(\d+)\/status$/,
      ({ match, reply }) => void ((reports[Number(match[1])] = 'Canceled'), reply(204)),
    ],
    ['GET', /^\/reports\/(\d+)$/, ({ reply }) => reply(200, { rows: lastId })],
    ['GET', /^\/export$/, ({ reply }) => reply(200, exported(), { 'content-type': 'application/x-ndjson' })],
    ['GET', /^\/ticks$/, ticks],
    ['POST', /^\/chat$/, chat],
    ['GET', /^\/flaky$/, (exchange) => flaky(failures, exchange)],
    [
      'GET',
      /^\/slow$/,
      ({ url, reply }) =>
        void setTimeout(() => reply(200, { slow: true }), Number(url.searchParams.get('ms') ?? 1_000)),
    ],
    ['GET', /^\/status\/(\d{3})$/, ({ match, reply }) => reply(Number(match[1]), { status: Number(match[1]) })],
    [
      '*',
      /^\/echo$/,
      ({ request: { method, headers, url }, body, reply }) => reply(200, { method, url, headers, body }),
    ],
  ];
}

function usersLike(q: string) {
  return names.map((_, index) => userOf(index + 1)).filter(({ name }) => name.toLowerCase().includes(q.toLowerCase()));
}

/** Ten users of a page, and a link to the next page, relative to this one. */
function peoplePage({ url, reply }: Exchange): void {
  const page = Number(url.searchParams.get('page') ?? 1);
  const users = Array.from({ length: 10 }, (_, index) => userOf((page - 1) * 10 + index + 1));
  reply(200, users, page * 10 < lastId ? { link: `<?page=${page + 1}>; rel="next"` } : {});
}

/** Takes a report on: it is running at the first look at its status, and done at the second. */
function startReport(reports: string[], { reply }: Exchange): void {
  const id = reports.push('Running') - 1;
  reply(202, undefined, {
    'operation-location': `reports/${id}/status`,
    location: `reports/${id}`,
    'retry-after': '0',
  });
}

function reportStatus(reports: string[], { match, reply }: Exchange): void {
  const id = Number(match[1]);
  const status = reports[id] ?? 'Failed';
  reply(200, { status, percent: status === 'Running' ? 50 : 100 }, { 'retry-after': '0' });
  if (status === 'Running') reports[id] = 'Succeeded';
}

function exported(): string {
  return Array.from({ length: lastId }, (_, index) => `${JSON.stringify(userOf(index + 1))}\n`).join('');
}

const eventStream = { 'content-type': 'text/event-stream' };

/** Three prices behind the last one the client has; then the connection ends. */
function ticks({ request, reply }: Exchange): void {
  const last = Number(request.headers['last-event-id'] ?? 0);
  const event = (id: number) => `id: ${id}\nevent: price\ndata: {"price":${101.25 + id / 4}}\n\n`;
  reply(200, [1, 2, 3].map((step) => event(last + step)).join(''), eventStream);
}

/** Repeats the question word by word, as a language model would answer. */
function chat({ body, reply }: Exchange): void {
  const words = String(parse(body)['question'] ?? '').split(' ');
  const tokens = words.map((token) => `data: ${JSON.stringify({ token })}\n\n`);
  reply(200, `${tokens.join('')}data: [DONE]\n\n`, eventStream);
}

/** Answers 503 twice, then 200 once, and starts again; each `?key=` counts on its own. */
function flaky(failures: Map<string, number>, { url, reply }: Exchange): void {
  const key = url.searchParams.get('key') ?? '';
  const failed = failures.get(key) ?? 0;
  failures.set(key, (failed + 1) % 3);
  if (failed < 2) reply(503, { status: 503, title: 'try again' }, { 'retry-after': '0' });
  else reply(200, { ok: true, attempts: 3 });
}

function withUser(then: (exchange: Exchange, id: number) => void): (exchange: Exchange) => void {
  return (exchange) => {
    const id = Number(exchange.match[1]);
    if (id >= 1 && id <= lastId) then(exchange, id);
    else exchange.reply(404, { status: 404, title: 'no such user' }, { 'content-type': 'application/problem+json' });
  };
}

function parse(body: string): Record<string, unknown> {
  return body === '' ? {} : (JSON.parse(body) as Record<string, unknown>);
}

async function answer(
  routes: Route[],
  files: DocsFiles,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const path = url.pathname.replace(/^\/v1(?=\/)/, '');
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  if (files.answer(request, url, path, Buffer.concat(chunks), response)) return;
  const reply: Exchange['reply'] = (status, body, headers = {}) => {
    const type = body === undefined ? {} : { 'content-type': 'application/json' };
    response.writeHead(status, { ...type, ...headers });
    response.end(typeof body === 'string' || body === undefined ? body : JSON.stringify(body));
  };
  for (const [method, pattern, then] of routes) {
    const match = pattern.exec(path);
    if (!match || (method !== '*' && method !== request.method)) continue;
    return then({ request, url, body: Buffer.concat(chunks).toString(), match, reply });
  }
  reply(404, { status: 404, title: `the docs server has no ${request.method} ${path}` });
}
