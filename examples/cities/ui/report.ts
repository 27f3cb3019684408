import type { Check, Outcome } from '../jobs/job.ts';
import { table } from './table.ts';

/** A job that is over, and how long it took. */
export type Finished = Outcome & { readonly seconds: number };

/** What was asked, answered, retried, cancelled and saved, then every check; says whether all hold. */
export function report(outcomes: ReadonlyMap<string, Finished>): { text: string; failed: number } {
  const heading = ['job', 'asked', 'answered', 'retried', 'cancelled', 'failed', 'seconds', 'saved'];
  const rows = [...outcomes].map(([name, { counts, seconds, saved }]) => {
    const { asked, answered, retried, cancelled, failed } = counts;
    return [name, asked, answered, retried, cancelled, failed, seconds.toFixed(1).padStart(7), saved];
  });
  const checks = [...outcomes].flatMap(([name, outcome]) => outcome.checks.map((check) => ({ name, check })));
  const failed = checks.filter(({ check: [holds] }) => !holds).length;
  const lines = checks.map(({ name, check }) => checkLine(name, check));
  return { text: `\n${table(heading, rows)}\n\n${lines.join('\n')}\n`, failed };
}

const checkLine = (name: string, [holds, fact]: Check): string =>
  `${holds ? 'ok    ' : 'FAILED'}  ${name.padEnd(8)}  ${fact}`;
