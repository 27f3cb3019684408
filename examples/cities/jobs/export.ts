import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';

import { type Flow, ndjson, through } from 'millrace';
import { bufferCount, firstValueFrom, map } from 'rxjs';

import { City } from '../city.ts';
import type { Digest } from '../server/data.ts';
import { watchMemory } from '../ui/memory.ts';
import { progressBar } from '../ui/progress.ts';
import { megabytes } from '../ui/table.ts';
import type { Context, Outcome } from './job.ts';
import { beginRun } from './run.ts';

/** What the disk takes, in bytes per millisecond: a fraction of what the network brings. */
const DISK_SPEED = 7000;
/** What streaming may cost: the export is 26 MB as bytes, 47 MB as objects. */
const MOST_IN_USE_BYTES = 10e6;
const MOST_RSS_BYTES = 64e6;

/** Everything the server has, to a disk that is slower than the network: the server waits, and memory stays flat. */
export async function exportAll(context: Context): Promise<Outcome> {
  const { file, signal, truth } = context;
  const run = await beginRun(context, {});
  const bar = progressBar(context.screen, 'export: NDJSON to a slow disk', truth.count);
  const memory = watchMemory();
  const started = performance.now();

  const lines = run.api
    .get('cities.ndjson', { as: ndjson(City), signal })
    .via(through(map((city) => `${JSON.stringify(city)}\n`)));
  const saved = await saveSlowly(lines, file, signal, (count) => {
    memory.sample();
    bar.to(count, `${megabytes(memory.now.inUse)} in use`);
  });

  const ms = performance.now() - started;
  const { heldBack } = await run.journal();
  const digest = await firstValueFrom(context.api.get<Digest>('digest', { signal }));
  const { bytes, sha256 } = await digestOf(file);
  const { growth, peak } = memory;
  const grew = `${megabytes(growth.inUse)} in use, RSS by ${megabytes(growth.rss)} to ${megabytes(peak.rss)}`;
  const held = `${seconds(heldBack.totalMs)} of ${seconds(ms)}, at longest ${seconds(heldBack.longestMs)}`;
  return {
    counts: run.counts,
    saved: `${megabytes(bytes)} in a file`,
    checks: [
      [saved === truth.count && bytes === truth.bytes, `${saved} of ${truth.count} cities are in the file`],
      [sha256 === truth.sha256, `its SHA-256 is that of the data set (${sha256.slice(0, 16)}…)`],
      [sha256 === digest.sha256, `and the one that the server tells`],
      [growth.inUse < MOST_IN_USE_BYTES && growth.rss < MOST_RSS_BYTES, `memory grew by at most ${grew}`],
      [heldBack.totalMs > ms / 3, `the server was held back for ${held}`],
    ],
  };
}

/** A sink that asks for more only when it has written what it has. */
async function saveSlowly(lines: Flow<string>, file: string, signal: AbortSignal, told: (saved: number) => void) {
  const disk = await open(file, 'w');
  const started = performance.now();
  let saved = 0;
  let bytes = 0;
  try {
    for await (const block of lines.via(through(bufferCount(256)))) {
      bytes += (await disk.write(block.join(''))).bytesWritten;
      const early = started + bytes / DISK_SPEED - performance.now();
      if (early > 0) await sleep(early, undefined, { signal });
      told((saved += block.length));
    }
  } finally {
    await disk.close();
  }
  return saved;
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

/** Reads what is on the disk, not what was meant to be there. */
async function digestOf(file: string): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256');
  const stream = createReadStream(file);
  await pipeline(stream, hash);
  return { bytes: stream.bytesRead, sha256: hash.digest('hex') };
}
