import { eventStream, sse } from 'millrace';

import { City } from '../city.ts';
import { sha256 } from '../sha256.ts';
import { progressBar } from '../ui/progress.ts';
import type { Context, Outcome } from './job.ts';
import { beginRun } from './run.ts';

const TICKS = 300;

/** A live feed over connections that are cut, some within an event: it goes on behind the last tick that arrived. */
export async function liveTicker(context: Context): Promise<Outcome> {
  const { screen, signal } = context;
  const wanted = context.truth.sample.slice(0, TICKS);
  const run = await beginRun(context, {});
  const bar = progressBar(screen, 'ticker: server-sent events, cut off', TICKS);

  const ticks = eventStream(run.api, 'ticker', { as: sse(City), reconnect: { capMs: 200 }, signal });
  const ids: number[] = [];
  let right = 0;
  let lost = 0;
  await ticks.events().forEach((event) => {
    if (event.type === 'lost' && event.cause !== undefined) lost++;
    if (event.type !== 'value') return;
    const { data, lastEventId } = event.value;
    if (sha256(JSON.stringify(data)) === wanted[Number(lastEventId) - 1]?.sha256) right++;
    ids.push(Number(lastEventId));
    bar.to(ids.length, `lost connections: ${lost}`);
  });

  const { resumedAt, cuts } = (await run.journal()).ticker;
  const inOrder = ids.every((id, index) => id === index + 1);
  return {
    counts: run.counts,
    saved: `${lost} cuts unseen`,
    checks: [
      [ids.length === TICKS && inOrder, `${ids.length} of ${TICKS} ticks came, each once and in order`],
      [right === TICKS, `${right} of them are those of the data set`],
      [cuts > 2 && cuts === lost, `the server cut ${cuts} connections, and the client saw ${lost} end so`],
      [resumedAt.at(-1) === TICKS, `it was asked to go on behind tick ${resumedAt.slice(1).join(', ')}`],
    ],
  };
}
