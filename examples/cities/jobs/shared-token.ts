import { bearer, fromIterable } from 'millrace';
import { mergeOrdered } from 'millrace/operators';
import { lastValueFrom } from 'rxjs';

import type { City } from '../city.ts';
import { sha256 } from '../sha256.ts';
import { progressBar } from '../ui/progress.ts';
import type { Context, Outcome } from './job.ts';
import { beginRun } from './run.ts';

const CALLS = 600;
const TOKEN_USES = 200;

/** Access tokens run out under many calls at once: one call gets a new one, the others wait for it, none fails. */
export async function sharedToken(context: Context): Promise<Outcome> {
  const { signal } = context;
  const sample = context.truth.sample.slice(0, CALLS);
  const run = await beginRun(context, { tokenUses: TOKEN_USES });
  const bar = progressBar(context.screen, `members: a token lasts ${TOKEN_USES} calls`, sample.length);

  const token = async () => (await lastValueFrom(run.api.post<{ token: string }>('tokens', { signal }))).token;
  const members = run.api.extend({ auth: [bearer(token)] });
  const cities = fromIterable(sample).via(
    mergeOrdered(({ id }) => members.get<City>('members/cities/{id}', { path: { id }, signal }), { concurrency: 64 }),
  );
  let arrived = 0;
  let right = 0;
  for await (const city of cities) {
    if (sha256(JSON.stringify(city)) === sample[arrived++]?.sha256) right++;
    bar.to(arrived);
  }

  const { tokens, unauthorized } = await run.journal();
  return {
    counts: run.counts,
    saved: `${unauthorized - tokens + 1} refreshes`,
    checks: [
      [right === sample.length, `${right} of ${sample.length} cities arrived, right and in order`],
      [unauthorized > 0, `${unauthorized} calls met a token that was used up`],
      [tokens === sample.length / TOKEN_USES, `the server handed out ${tokens} tokens, no more than the calls use up`],
    ],
  };
}
