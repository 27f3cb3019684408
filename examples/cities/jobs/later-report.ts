import { longRunning } from 'millrace';

import type { Report } from '../server/reports.ts';
import { progressBar } from '../ui/progress.ts';
import type { Context, Outcome } from './job.ts';
import { beginRun } from './run.ts';

/** Work that the server does later: 202, then a status that is asked no sooner than it allows, then the result. */
export async function laterReport(context: Context): Promise<Outcome> {
  const { screen, signal, truth } = context;
  const run = await beginRun(context, {});
  const bar = progressBar(screen, 'report: 202, and then?', 100);

  const report = longRunning(run.api.post<Report>('reports', { body: { of: 'cities' }, signal }));
  let waited = 0;
  let result: Report | undefined;
  await report.events().forEach((event) => {
    if (event.type === 'waiting') waited += event.delayMs;
    else if (event.type === 'running' || event.type === 'succeeded')
      bar.to((event.body as { percent: number }).percent);
    else if (event.type === 'value') result = event.value;
  });

  const { orders, looks, early } = (await run.journal()).report;
  return {
    counts: run.counts,
    saved: `${(waited / 1000).toFixed(1)} s without a poll`,
    checks: [
      [result?.countries === truth.countries, `the report counts ${result?.countries} countries, as the data set has`],
      [result?.population === truth.population, `and ${result?.population.toLocaleString('en')} people`],
      [orders === 1 && looks === 3, `the server took ${orders} order and was asked ${looks} times how it goes`],
      [early === 0, `of these ${early} came sooner than its Retry-After allows; one was answered 503`],
    ],
  };
}
