import { type ApiError, exponential, fromIterable, isApiError, createBudget } from 'millrace';
import { mergeOrdered } from 'millrace/operators';
import { catchError, type Observable, of, throwError } from 'rxjs';

import type { City } from '../city.ts';
import { faultOf } from '../server/faults.ts';
import type { Journal } from '../server/journal.ts';
import { sha256 } from '../sha256.ts';
import { progressBar } from '../ui/progress.ts';
import type { Context, Outcome } from './job.ts';
import { beginRun } from './run.ts';

const ATTEMPTS = 3;

/** A call that fails is an outcome too, at its place; Ctrl-C is the end of it all. */
const asOutcome = (error: unknown): Observable<ApiError> =>
  isApiError(error) && error.kind !== 'abort' ? of(error) : throwError(() => error);

/** Three of five attempts fail: the retry budget refuses to make it worse. Whoever fails does so at its place. */
export async function outage(context: Context): Promise<Outcome> {
  const { sample } = context.truth;
  const { signal } = context;
  const budget = createBudget();
  const retry = { attempts: ATTEMPTS, backoff: exponential({ baseMs: 30 }), budget };
  const run = await beginRun(context, { faultRate: 0.6, faultsPerId: null }, { retry });
  const bar = progressBar(context.screen, 'outage: 32 at once, 60 % faults', sample.length);

  const outcomes = fromIterable(sample).via(
    mergeOrdered(({ id }) => run.api.get<City>('cities/{id}', { path: { id }, signal }).pipe(catchError(asOutcome)), {
      concurrency: 32,
    }),
  );
  let seen = 0;
  let right = 0;
  let refused = 0;
  for await (const outcome of outcomes) {
    const wanted = sample[seen++]?.sha256;
    if (isApiError(outcome)) refused += Number(outcome.attempts < ATTEMPTS);
    else right += Number(sha256(JSON.stringify(outcome)) === wanted);
    bar.to(seen, `${budget.state.refused} retries refused`);
  }
  const journal = await run.journal();
  const { attempts, bound } = budgetHeld(journal, budget.state.capacity);
  const unbounded = attemptsWithoutBudget(journal, sample);
  return {
    counts: run.counts,
    saved: `${unbounded - attempts} attempts not made`,
    checks: [
      [right === run.counts.answered, `${right} of ${run.counts.answered} answers are right, each at its place`],
      [seen === sample.length, `${seen} of ${sample.length} calls came to an end, in order`],
      [refused > 0 && refused === budget.state.refused, `the budget refused ${refused} calls a further attempt`],
      [attempts <= bound, `the server counted ${attempts} attempts, the budget allows ${Math.floor(bound)}`],
      [bound < unbounded, `without a budget it would have been ${unbounded}`],
    ],
  };
}

/**
 * The most attempts that the budget allows, from nothing but the server's own counts.
 *
 * Every attempt beyond a call's first takes 1. The budget starts with `capacity`, gets 0.1 for each call that is
 * answered at its first attempt, and gets 1 back for each call that is answered at a later one. It cannot go below 0:
 *
 *     attempts - calls <= capacity + 0.1 * answered at first + answered later
 */
function budgetHeld({ cities }: Journal, capacity: number): { attempts: number; bound: number } {
  const seen = Object.values(cities);
  const attempts = seen.reduce((sum, city) => sum + city.attempts, 0);
  const first = seen.filter(({ answeredAt }) => answeredAt === 1).length;
  const later = seen.filter(({ answeredAt }) => answeredAt > 1).length;
  return { attempts, bound: seen.length + capacity + 0.1 * first + later };
}

/** Faults depend on nothing but the plan, so what would have been can be counted. */
function attemptsWithoutBudget({ plan }: Journal, sample: readonly { readonly id: number }[]): number {
  let attempts = 0;
  for (const { id } of sample) {
    let attempt = 1;
    while (attempt < ATTEMPTS && faultOf(plan, String(id), attempt, attempt - 1)) attempt++;
    attempts += attempt;
  }
  return attempts;
}
