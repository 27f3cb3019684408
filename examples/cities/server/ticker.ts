import { cities } from './data.ts';
import { type Exchange, reset, wait } from './exchange.ts';

/** Ticks in all, and how many a connection lives for: it is cut in the middle of the next one. */
const TICKS = 300;
const TICKS_PER_CONNECTION = 70;
/** One in so many cities has a tick. */
const SPREAD = cities.length / 2000;

/** Server-sent events: one city a tick, from the one behind `Last-Event-ID` on; 204 when there are no more. */
export async function ticker(exchange: Exchange): Promise<void> {
  const { journal, request, response } = exchange;
  const from = Number(request.headers['last-event-id'] ?? 0);
  journal.ticker.resumedAt.push(from);
  if (from >= TICKS) {
    response.writeHead(204).end();
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
  for (let id = from + 1; id <= TICKS; id++) {
    await wait(5, exchange);
    const event = `id: ${id}\ndata: ${JSON.stringify(cities[Math.floor((id - 1) * SPREAD)])}\n\n`;
    if (id - from > TICKS_PER_CONNECTION) {
      response.write(event.slice(0, -20));
      await wait(5, exchange);
      journal.ticker.cuts++;
      return reset(exchange);
    }
    response.write(event);
  }
  response.end();
}
