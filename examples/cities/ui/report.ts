import type { Check, Outcome } from '../jobs/job.ts';
import { table } from './table.ts';

/** What was asked, answered, retried, cancelled and saved, then every check; says whether all hold. */
export function report(outcomes: ReadonlyMap<string, Outcome>): { text: string; failed: number } {
  const heading = ['job', 'asked', 'answered', 'retried', 'cancelled', 'failed', 'saved'];
  const rows = [...outcomes].map(([name, { counts, saved }]) => {
    const { asked, answered, retried, cancelled, failed } = counts;
    return [name, asked, answered, retried, cancelled, failed, saved];
  });
  const checks = [...outcomes].flatMap(([name, outcome]) => outcome.checks.map((check) => ({ name, check })));
  const failed = checks.filter(({ check: [holds] }) => !holds).length;
  const lines = checks.map(({ name, check }) => checkLine(name, check));
  return { text: `\n${table(heading, rows)}\n\n${lines.join('\n')}\n`, failed };
}

const checkLine = (name: string, [holds, fact]: Check): string =>
  `${holds ? 'ok    ' : 'FAILED'}  ${name.padEnd(8)}  ${fact}`;
