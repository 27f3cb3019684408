// npm start: what a program gains when API calls are Observables, shown on an API that misbehaves.
//
// It starts an API over the cities of the world (server.ts), a process of its own that is slow, fails and cuts
// connections; does its jobs against it (jobs/); and checks every result against the data set itself (truth.ts).
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createApi } from 'millrace';

import { startChild } from './child.ts';
import { chat } from './jobs/chat.ts';
import { exportAll } from './jobs/export.ts';
import { type Context, type Job, threw } from './jobs/job.ts';
import { laterReport } from './jobs/later-report.ts';
import { liveTicker } from './jobs/live-ticker.ts';
import { manyDetails } from './jobs/many-details.ts';
import { outage } from './jobs/outage.ts';
import { pagedExport } from './jobs/paged-export.ts';
import { resumedUpload } from './jobs/resumed-upload.ts';
import { sharedToken } from './jobs/shared-token.ts';
import { prefixes, typedSearch } from './jobs/typed-search.ts';
import { uploadFile } from './jobs/upload.ts';
import { readOptions } from './options.ts';
import type { Truth } from './truth.ts';
import { type Finished, report } from './ui/report.ts';

const JOBS: Readonly<Record<string, Job>> = {
  search: typedSearch, // one call when the visitor stops typing; overtaken calls are cancelled on the wire
  details: manyDetails, // 2,000 calls, 32 at once, 5 % faults: all arrive, in order
  outage, // the same at 60 % faults: the retry budget refuses to make it worse
  members: sharedToken, // access tokens run out under many calls: one refresh for all that wait
  export: exportAll, // everything, streamed to a slow disk: the server waits, memory stays flat
  upload: uploadFile, // the file back, with progress
  ticker: liveTicker, // server-sent events over connections that are cut: no tick is lost, none comes twice
  chat, // two clients over WebSockets that are killed: both hear the same, in order
  report: laterReport, // 202: the status is asked for as the server allows, then the result
  pages: pagedExport, // everything once more, page by page
  resume: resumedUpload, // the file once more: cut off, stopped half-way, and gone on with
};

const options = readOptions(process.argv.slice(2));
const screen = process.stdout;

const started = performance.now();
const [server, { said: truth }] = await Promise.all([
  options.baseUrl === undefined ? startChild<{ url: string }>(new URL('server.ts', import.meta.url)) : undefined,
  startChild<Truth>(new URL('truth.ts', import.meta.url), '2000', ...prefixes),
]);
const baseUrl = options.baseUrl ?? server?.said.url ?? '';
screen.write(`${truth.count} cities on ${baseUrl}${server ? ', a process of its own' : ''}, seed ${options.seed}\n\n`);

// Ctrl-C cancels the calls in hand on the wire, and what was started and written is cleaned up below.
const stop = new AbortController();
process.once('SIGINT', () => stop.abort(new Error('stopped by Ctrl-C')));

const outcomes = new Map<string, Finished>();
const folder = await mkdtemp(join(tmpdir(), `millrace-${process.pid}-`));
const api = createApi({ baseUrl });
try {
  const file = join(folder, 'cities.ndjson');
  const context: Context = { api, baseUrl, seed: options.seed, truth, screen, file, signal: stop.signal };
  for (const [name, job] of Object.entries(JOBS)) {
    stop.signal.throwIfAborted();
    const since = performance.now();
    const outcome = await job(context).catch(threw(stop.signal));
    outcomes.set(name, { ...outcome, seconds: (performance.now() - since) / 1000 });
  }
} catch (error) {
  if (!stop.signal.aborted) throw error;
} finally {
  await api.close();
  server?.end();
  await rm(folder, { recursive: true });
}

const { text, failed } = report(outcomes);
if (outcomes.size > 0) screen.write(text);
const seconds = ((performance.now() - started) / 1000).toFixed(1);
if (stop.signal.aborted) {
  screen.write(`\nstopped by Ctrl-C after ${seconds} s: all calls cancelled, nothing left behind\n`);
  process.exitCode = 130;
} else {
  screen.write(`\n${failed ? `failed checks: ${failed}` : 'all checks hold'}, ${seconds} s\n`);
  process.exitCode = failed ? 1 : 0;
}
