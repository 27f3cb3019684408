import { open } from 'node:fs/promises';

import { memoryUploadStore, upload } from 'millrace';
import { fromEvent, takeUntil, takeWhile, tap } from 'rxjs';

import { progressBar } from '../ui/progress.ts';
import { megabytes } from '../ui/table.ts';
import type { Context, Outcome } from './job.ts';
import { beginRun } from './run.ts';

/** The file once more, by tus: over connections that are cut, and by a program that stops half-way and goes on later. */
export async function resumedUpload(context: Context): Promise<Outcome> {
  const { screen, signal, truth } = context;
  const run = await beginRun(context, {});
  const file = await open(context.file);
  const { size } = await file.stat();
  const bar = progressBar(screen, 'resume: tus, cut off and stopped', size);

  // Kept where both programs find it: on the disk, or in the browser's storage.
  const store = memoryUploadStore();
  const options = { store, fingerprint: context.file, chunkBytes: 4e6, reconnect: { capMs: 200 } };
  let lost = 0;
  let uploaded = 0;
  /** Runs until the file is up or so many connections are lost. */
  const program = (mostLost: number): Promise<void> =>
    upload(run.api, 'tus', file, options)
      .events()
      .pipe(
        tap((event) => {
          if (event.type === 'waiting') lost++;
          else if (event.type === 'upload') bar.to(event.loaded, `lost connections: ${lost}`);
          else if (event.type === 'value') uploaded = event.value.bytes;
        }),
        takeWhile(() => lost < mostLost),
        takeUntil(fromEvent(signal, 'abort')),
      )
      .forEach(() => {});
  try {
    await program(2);
    await program(Infinity);
  } finally {
    await file.close();
  }

  const { created, cuts, bytes, sha256 } = (await run.journal()).tus;
  return {
    counts: run.counts,
    saved: `${megabytes(bytes)} on the server`,
    checks: [
      [uploaded === size && bytes === size, `the server took ${bytes} of ${size} bytes, each once`],
      [sha256 === truth.sha256, `their SHA-256 is that of the data set`],
      [cuts > 2 && cuts === lost, `the server cut ${cuts} connections, and the client went on after each`],
      [created === 1, `and after the stop, too: ${created} upload was begun`],
    ],
  };
}
