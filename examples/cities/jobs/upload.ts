import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';

import type { Digest } from '../server/data.ts';
import { progressBar } from '../ui/progress.ts';
import { megabytes } from '../ui/table.ts';
import type { Context, Outcome } from './job.ts';
import { beginRun } from './run.ts';

/** Sends the saved file back. `events()` tells how a call is going: its bytes drive the progress bar. */
export async function uploadFile(context: Context): Promise<Outcome> {
  const { file, signal, truth } = context;
  const run = await beginRun(context, {});
  const { size } = await stat(file);
  const bar = progressBar(context.screen, 'upload: the same file back', size);

  // A body is a recipe: each attempt opens the file anew.
  const call = run.api.put<Digest>('files/cities.ndjson', { body: () => createReadStream(file), signal });
  let loaded = 0;
  let steps = 0;
  let received: Digest | undefined;
  await call.events().forEach((event) => {
    if (event.type === 'upload') {
      steps++;
      loaded = event.loaded;
      bar.to(event.loaded, megabytes(event.loaded));
    } else if (event.type === 'value') received = event.value;
  });

  return {
    counts: run.counts,
    saved: `${megabytes(received?.bytes ?? 0)} on the server`,
    checks: [
      [
        loaded === size && steps > 10,
        `progress was told ${steps} times, up to ${megabytes(loaded)} of ${megabytes(size)}`,
      ],
      [
        received?.sha256 === truth.sha256,
        `the server received ${received?.bytes} bytes, and their SHA-256 is that of the data set`,
      ],
    ],
  };
}
