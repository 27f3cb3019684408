import type { Job } from '../jobs.ts';
import { named } from '../merging/jobs.ts';

const millrace = 'sharing/millrace';
const rxjs = 'sharing/rxjs';
const promises = 'sharing/promises';
const bursts = { figure: 'sharing', turn: 'items', least: 10_000 };

export const sharingJobs: readonly Job[] = [
  {
    ...{ id: 'coalesce-map', figure: 'sharing', turn: 'items', least: 2000 },
    title: 'coalesceMap: 64 at once, eight of which ask for the same; per item',
    contenders: named('coalesceMap', { millrace, 'RxJS mergeMap + Map + share': rxjs, 'a Map of promises': promises }),
  },
  {
    ...{ id: 'batch-map', figure: 'sharing', turn: 'sum', least: 2000 },
    title: 'batchMap: one call for 64 items; per item',
    contenders: named('batchMap', { millrace, 'RxJS bufferCount + mergeMap': rxjs, DataLoader: promises }),
  },
  {
    ...{ ...bursts, id: 'latest-map' },
    title: 'latestMap: bursts of a thousand values, one call at a time; per value',
    contenders: named('latestMap', { millrace, 'RxJS throttle + exhaustMap': rxjs }),
  },
  {
    ...{ ...bursts, id: 'throttle-map' },
    title: 'throttleMap: bursts of a thousand values, a call per ms; per value',
    contenders: named('throttleMap', { millrace, 'RxJS throttleTime + concatMap': rxjs }),
  },
  {
    ...{ ...bursts, id: 'buffer-frame' },
    title: 'bufferFrame: bursts of a thousand values, a list per 16 ms; per value',
    contenders: named('bufferFrame', { millrace, 'RxJS bufferTime': rxjs }),
  },
];
