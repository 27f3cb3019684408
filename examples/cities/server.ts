// An API over the cities of the world that behaves as third parties do. On its own: npx node examples/cities/server.ts --port 8080
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';

import { upgradeToChat } from './server/chat.ts';
import { digest } from './server/data.ts';
import { answer, readJson, refuse, watch } from './server/exchange.ts';
import type { Plan } from './server/faults.ts';
import { beginRun, journalOf } from './server/journal.ts';
import { routes } from './server/routes.ts';

const USAGE = `usage: npx node examples/cities/server.ts [--port N] [--host H]

  PUT  /runs/:run                      begins a run: { seed, faultRate, faultsPerId, tokenUses }
  GET  /runs/:run                      what the server saw in it
  GET  /runs/:run/cities?prefix=par    search, slow
  GET  /runs/:run/cities/:id           one city; fails as the plan says (503, 429, Retry-After, resets)
  GET  /runs/:run/cities.ndjson        all cities, one a line
  GET  /runs/:run/members/cities/:id   one city, for an access token that is soon used up
  POST /runs/:run/tokens               a new access token
  PUT  /runs/:run/files/:name          takes a file, says its size and SHA-256
  GET  /runs/:run/ticker               server-sent events that are cut again and again
  WS   /runs/:run/chat                 a room; connections are killed
  POST /runs/:run/reports              a report, later: 202, then .../:id/status, then .../:id
  GET  /runs/:run/pages                all cities by pages, with Link; fails as the plan says
  POST /runs/:run/tus                  a resumable upload (tus 1.0.0) over connections that are cut
  GET  /digest                         count, size and SHA-256 of the export
`;

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams: query } = new URL(request.url ?? '/', 'http://localhost');
  if (pathname === '/digest') return answer(response, 200, digest());
  const [, name = '', path] = /^\/runs\/([\w-]+)(?:\/(.*))?$/.exec(pathname) ?? [];
  if (name && path === undefined && request.method === 'PUT') {
    return answer(response, 201, beginRun(name, (await readJson(request)) as Partial<Plan>));
  }
  const journal = journalOf(name);
  if (!journal) return refuse(response, 404, 'No such run: begin it with PUT /runs/:run');
  if (path === undefined) return answer(response, 200, journal);
  for (const [method, pattern, route] of routes) {
    const match = pattern.exec(path);
    if (!match || method !== request.method) continue;
    const gone = watch(response, journal);
    return route({ request, response, journal, params: match.groups ?? {}, query, gone });
  }
  refuse(response, 404, 'No such path');
}

function failed(error: unknown, response: ServerResponse): void {
  if (response.destroyed) return; // the client has gone, and what was done for it has stopped
  if (response.headersSent) response.destroy();
  else refuse(response, 400, String(error));
}

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    host: { type: 'string', default: '127.0.0.1' },
    help: { type: 'boolean', short: 'h' },
  },
});
if (values.help) {
  process.stdout.write(USAGE);
} else {
  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => failed(error, response));
  });
  server.on('upgrade', upgradeToChat);
  server.keepAliveTimeout = 60_000;
  server.listen(Number(values.port), values.host, () => {
    const url = `http://${values.host}:${(server.address() as AddressInfo).port}`;
    if (process.send) process.send({ url });
    else process.stdout.write(`cities API on ${url}\nnpm start -- --base-url ${url}\n`);
  });
  // As a child process it lives as long as its parent, which gets Ctrl-C too and has cleaning up to do.
  if (process.send) process.on('SIGINT', () => {}).once('disconnect', () => process.exit());
}
