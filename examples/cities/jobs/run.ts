import type { Api, ApiOptions, Layer } from 'millrace';
import { firstValueFrom, tap } from 'rxjs';

import type { Plan } from '../server/faults.ts';
import type { Journal } from '../server/journal.ts';
import type { Context, Counts } from './job.ts';

/** A run of its own on the server: its own faults, its own counts. */
export interface Run {
  /** Makes the calls of the run, and counts them. */
  readonly api: Api;
  /** Where it lies, with a slash at the end. */
  readonly url: string;
  readonly counts: Counts;
  /** What the server saw, once it has nothing in hand any more. */
  journal(): Promise<Journal>;
}

/** Begins a run in which the server behaves as planned. */
export async function beginRun(context: Context, plan: Partial<Plan>, options: ApiOptions = {}): Promise<Run> {
  const { api, baseUrl, seed, signal } = context;
  const path = `runs/${crypto.randomUUID()}`;
  const counts: Counts = { asked: 0, answered: 0, retried: 0, cancelled: 0, failed: 0 };
  const url = `${baseUrl}/${path}/`;
  await firstValueFrom(api.put(path, { body: { seed, ...plan }, signal }));
  return {
    api: api.extend({ baseUrl: url, layers: [counting(counts)], ...options }),
    url,
    counts,
    async journal() {
      for (;;) {
        const journal = await firstValueFrom(api.get<Journal>(path, { signal }));
        if (journal.open === 0) return journal;
      }
    },
  };
}

/** A layer is a function around every call. This one only looks on. */
function counting(counts: Counts): Layer {
  return (request, next) =>
    next(request).pipe(
      tap({
        subscribe: () => counts.asked++,
        next: (event) => event.type === 'retry' && counts.retried++,
        complete: () => counts.answered++,
        error: () => counts.failed++,
        unsubscribe: () => counts.cancelled++,
      }),
    );
}
