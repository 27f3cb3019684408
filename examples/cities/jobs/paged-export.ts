import { createHash } from 'node:crypto';

import { paginate } from 'millrace';

import type { City } from '../city.ts';
import { progressBar } from '../ui/progress.ts';
import type { Context, Outcome } from './job.ts';
import { beginRun } from './run.ts';

/** Everything once more, by pages: `Link` says where the next one lies, and a page that fails is asked for again. */
export async function pagedExport(context: Context): Promise<Outcome> {
  const { screen, signal, truth } = context;
  const run = await beginRun(context, { faultRate: 0.1, faultsPerId: 2 });
  const bar = progressBar(screen, 'pages: an export by Link, 10 % faults', truth.count);

  const cities = paginate((url) => run.api.get<City[]>(url ?? 'pages', { signal }), { prefetch: true });
  const hash = createHash('sha256');
  let arrived = 0;
  for await (const city of cities) {
    hash.update(`${JSON.stringify(city)}\n`);
    bar.to(++arrived, `${run.counts.answered} pages`);
  }

  const sha256 = hash.digest('hex');
  const { pages, mostOpen } = await run.journal();
  const seen = Object.values(pages);
  const faults = seen.reduce((sum, page) => sum + page.faults, 0);
  const attempts = seen.reduce((sum, page) => sum + page.attempts, 0);
  return {
    counts: run.counts,
    saved: `${faults} faults unseen`,
    checks: [
      [arrived === truth.count, `${arrived} of ${truth.count} cities arrived`],
      [sha256 === truth.sha256, `each once and in order: their SHA-256 is that of the data set`],
      [
        faults > 0 && attempts === seen.length + faults,
        `the server answered each of ${seen.length} pages once, and failed ${faults} times`,
      ],
      [mostOpen <= 2, `it never had more than ${mostOpen} in hand`],
    ],
  };
}
