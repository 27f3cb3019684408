import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';

import { ndjson, through } from 'millrace';
import { bufferCount, firstValueFrom, map } from 'rxjs';

import { City } from '../city.ts';
import type { Digest } from '../server/data.ts';
import { progressBar } from '../ui/progress.ts';
import { watchMemory } from '../ui/memory.ts';
import { megabytes } from '../ui/table.ts';
import type { Context, Outcome } from './job.ts';
import { beginRun } from './run.ts';

const BLOCK = 256;
const PAUSE_MS = 5;
/** What streaming may cost: the export is 26 MB as bytes, 90 MB as objects. */
const MOST_IN_USE_BYTES = 10e6;
const MOST_RSS_BYTES = 64e6;

/** Everything the server has, to a disk that is slower than the network: the server waits, and memory stays flat. */
export async function exportAll(context: Context): Promise<Outcome> {
  const { file, signal, truth } = context;
  const run = await beginRun(context, {});
  const bar = progressBar(context.screen, 'export: NDJSON to a slow disk', truth.count);
  const memory = watchMemory();
  const started = performance.now();

  const blocks = run.api.get('cities.ndjson', { as: ndjson(City), signal }).via(
    through(
      map((city) => `${JSON.stringify(city)}\n`),
      bufferCount(BLOCK),
    ),
  );
  const disk = await open(file, 'w');
  let saved = 0;
  try {
    for await (const lines of blocks) {
      await disk.write(lines.join(''));
      await sleep(PAUSE_MS); // the slow disk; meanwhile nothing is asked of the server
      saved += lines.length;
      memory.sample();
      bar.to(saved, `${megabytes(memory.now.inUse)} in use`);
    }
  } finally {
    await disk.close();
  }

  const elapsedMs = performance.now() - started;
  const { heldBack } = await run.journal();
  const digest = await firstValueFrom(context.api.get<Digest>('digest', { signal }));
  const { bytes, sha256 } = await digestOf(file);
  const { growth, peak } = memory;
  return {
    counts: run.counts,
    saved: `${megabytes(bytes)} in a file`,
    checks: [
      [saved === truth.count && bytes === truth.bytes, `${saved} of ${truth.count} cities are in the file`],
      [sha256 === truth.sha256, `its SHA-256 is that of the data set (${sha256.slice(0, 16)}…)`],
      [sha256 === digest.sha256, `and the one that the server tells`],
      [
        growth.inUse < MOST_IN_USE_BYTES && growth.rss < MOST_RSS_BYTES,
        `memory in use grew by at most ${megabytes(growth.inUse)}, RSS by ${megabytes(growth.rss)} to ${megabytes(peak.rss)}`,
      ],
      [
        heldBack.totalMs > elapsedMs / 2,
        `the server was held back for ${seconds(heldBack.totalMs)} of ${seconds(elapsedMs)}, at longest ${seconds(heldBack.longestMs)}`,
      ],
    ],
  };
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

/** Reads what is on the disk, not what was meant to be there. */
async function digestOf(file: string): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256');
  const stream = createReadStream(file);
  await pipeline(stream, hash);
  return { bytes: stream.bytesRead, sha256: hash.digest('hex') };
}
