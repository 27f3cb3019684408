import { fromIterable } from 'millrace';
import { mergeOrdered } from 'millrace/operators';

import type { City } from '../city.ts';
import { sha256 } from '../sha256.ts';
import { progressBar } from '../ui/progress.ts';
import type { Context, Outcome } from './job.ts';
import { beginRun } from './run.ts';

/** Many calls, 32 at once, one in twenty fails: all arrive, in order. Retry is on by default. */
export async function manyDetails(context: Context): Promise<Outcome> {
  const { sample } = context.truth;
  const { signal } = context;
  const run = await beginRun(context, { faultRate: 0.05, faultsPerId: 2 });
  const bar = progressBar(context.screen, 'details: 32 at once, 5 % faults', sample.length);

  const cities = fromIterable(sample).via(
    mergeOrdered(({ id }) => run.api.get<City>('cities/{id}', { path: { id }, signal }), { concurrency: 32 }),
  );
  let arrived = 0;
  let right = 0;
  for await (const city of cities) {
    if (sha256(JSON.stringify(city)) === sample[arrived++]?.sha256) right++;
    bar.to(arrived, `${run.counts.retried} retried`);
  }

  const journal = await run.journal();
  const faults = Object.values(journal.faults).reduce((a, b) => a + b);
  const kinds = Object.entries(journal.faults).map(([kind, times]) => `${kind} ${times}`);
  return {
    counts: run.counts,
    saved: `${faults} faults unseen`,
    checks: [
      [arrived === sample.length, `${arrived} of ${sample.length} cities arrived`],
      [right === sample.length, `${right} are those of the data set, each at its place`],
      [faults > 0, `the server failed ${faults} times (${kinds.join(', ')})`],
      [journal.mostOpen <= 32, `the server never had more than ${journal.mostOpen} calls in hand`],
    ],
  };
}
