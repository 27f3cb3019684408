import { createHash } from 'node:crypto';
import { once } from 'node:events';

import { citiesById, exportPieces, search } from './data.ts';
import { answer, type Exchange, refuse, reset, wait } from './exchange.ts';
import { faultOf, latencyMs } from './faults.ts';
import { pageOfCities } from './pages.ts';
import { orderReport, reportResult, reportStatus } from './reports.ts';
import { appendToUpload, createUpload, tellOffset, tellTus } from './tus.ts';
import { ticker } from './ticker.ts';

/** Answers one request; whatever it throws once the client has gone is of no interest. */
export type Route = (exchange: Exchange) => Promise<void>;

/** What a file is saved with, in bytes per millisecond. */
const DISK_SPEED = 16_000;

/** Method and path below `/runs/:run/`, and who answers. */
export const routes: readonly (readonly [method: string, path: RegExp, route: Route])[] = [
  ['GET', /^cities$/, searchCities],
  ['GET', /^cities\/(?<id>\d+)$/, cityWithFaults],
  ['GET', /^cities\.ndjson$/, exportCities],
  ['GET', /^members\/cities\/(?<id>\d+)$/, cityForMembers],
  ['POST', /^tokens$/, handOutToken],
  ['PUT', /^files\/(?<name>[\w.-]+)$/, takeFile],
  ['GET', /^ticker$/, ticker],
  ['POST', /^reports$/, orderReport],
  ['GET', /^reports\/\d+\/status$/, reportStatus],
  ['GET', /^reports\/\d+$/, reportResult],
  ['GET', /^pages$/, pageOfCities],
  ['OPTIONS', /^tus$/, tellTus],
  ['POST', /^tus$/, createUpload],
  ['HEAD', /^tus\/1$/, tellOffset],
  ['PATCH', /^tus\/1$/, appendToUpload],
];

/** Slow enough to be overtaken by the next letter: 0.4 s, and a tail up to 0.7 s. */
async function searchCities(exchange: Exchange): Promise<void> {
  const { journal, query, response } = exchange;
  const prefix = query.get('prefix') ?? '';
  journal.searches.push(prefix);
  await wait(400 + Math.min(300, latencyMs(50, journal.plan.seed, 'search', prefix)), exchange);
  answer(response, 200, search(prefix, 5));
}

async function cityWithFaults(exchange: Exchange): Promise<void> {
  const { journal, response } = exchange;
  const { plan, cities, faults } = journal;
  const id = exchange.params['id'] ?? '';
  const seen = (cities[id] ??= { attempts: 0, faults: 0, answeredAt: 0 });
  const attempt = ++seen.attempts;
  const fault = faultOf(plan, id, attempt, seen.faults);
  if (fault) {
    seen.faults++;
    faults[fault]++;
  }
  await wait(latencyMs(4, plan.seed, 'city', id, attempt), exchange);
  if (fault === 'reset') return reset(exchange);
  if (fault === 'unavailable') return refuse(response, 503, 'Out of order');
  if (fault === 'busy') return refuse(response, 503, 'Busy', { 'retry-after': '1' });
  if (fault === 'throttled') return refuse(response, 429, 'Too many requests', { 'retry-after': '1' });
  const city = citiesById.get(Number(id));
  if (!city) return refuse(response, 404, 'No such city');
  seen.answeredAt ||= attempt;
  answer(response, 200, city);
}

/** Everything, one city a line. Waits for its reader, and notes for how long. */
async function exportCities({ journal, response, gone }: Exchange): Promise<void> {
  const { heldBack } = journal;
  response.writeHead(200, { 'content-type': 'application/x-ndjson' });
  for (const piece of exportPieces()) {
    journal.exportBytes += Buffer.byteLength(piece);
    if (response.write(piece)) continue;
    const since = performance.now();
    await once(response, 'drain', { signal: gone });
    const ms = performance.now() - since;
    heldBack.times++;
    heldBack.totalMs += ms;
    heldBack.longestMs = Math.max(heldBack.longestMs, ms);
  }
  response.end();
}

/** Needs an access token, and the token is soon used up. */
async function cityForMembers(exchange: Exchange): Promise<void> {
  const { journal, params, request, response } = exchange;
  const newest = request.headers.authorization === `Bearer token-${journal.tokens}`;
  if (!newest || journal.tokenUsesLeft === 0) {
    journal.unauthorized++;
    return refuse(response, 401, 'Token missing or used up', { 'www-authenticate': 'Bearer' });
  }
  journal.tokenUsesLeft--;
  await wait(latencyMs(4, journal.plan.seed, 'member', params['id'] ?? ''), exchange);
  const city = citiesById.get(Number(params['id']));
  if (!city) return refuse(response, 404, 'No such city');
  answer(response, 200, city);
}

async function handOutToken(exchange: Exchange): Promise<void> {
  const { journal, response } = exchange;
  await wait(40, exchange);
  journal.tokenUsesLeft = journal.plan.tokenUses;
  answer(response, 201, { token: `token-${++journal.tokens}` });
}

/** Takes a file as fast as a slow disk would, and says what it got. */
async function takeFile(exchange: Exchange): Promise<void> {
  const { journal, request, response } = exchange;
  const hash = createHash('sha256');
  const started = performance.now();
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    hash.update(chunk);
    bytes += chunk.length;
    journal.uploadBytes += chunk.length;
    const early = started + bytes / DISK_SPEED - performance.now();
    if (early > 0) await wait(early, exchange);
  }
  answer(response, 201, { name: exchange.params['name'], bytes, sha256: hash.digest('hex') });
}
