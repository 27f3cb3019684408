import type { Job } from '../jobs.ts';
import { named } from '../merging/jobs.ts';

const millrace = 'calls/millrace';
const cockatiel = 'calls/cockatiel';
const effect = 'calls/effect';
const rxjs = 'calls/rxjs';
const pQueue = 'calls/p-queue';
const opossum = 'calls/opossum';

const job = (id: string, run: string, what: string, peers: Readonly<Record<string, string>>): Job => ({
  ...{ id, figure: 'policies', turn: 'count', least: 2000, order: { failures: 0 } },
  title: `${run}: ${what}, calls that succeed at once; per call`,
  contenders: named(run, { millrace, ...peers }),
});

/** What a policy costs while there is nothing for it to do. */
export const callJobs: readonly Job[] = [
  {
    ...job('standard-policies', 'standardPolicies', 'time, retry, breaker, places', {
      ...{ 'RxJS timeout + mergeMap + tap + retry + takeUntil': rxjs, 'cockatiel wrap of five': cockatiel },
      ...{ 'opossum (no retry)': opossum, 'Effect timeout + retry (no breaker)': effect },
    }),
    headline: true,
  },
  job('break-circuit', 'breakCircuit', 'a closed circuit', { 'RxJS defer + tap': rxjs, cockatiel, opossum }),
  job('limit-concurrency', 'limitConcurrency', '1 000 places', {
    ...{ 'RxJS Subject + mergeMap': rxjs, cockatiel, 'p-queue': pQueue },
  }),
  job('adapt-concurrency', 'adaptConcurrency', 'a limit that watches how long calls take', {}),
  job('limit-rate', 'limitRate', 'a rate that is not reached', { 'RxJS defer + timer': rxjs, 'p-queue': pQueue }),
  job('throttle-client', 'throttleClient', 'a server that accepts all', { 'RxJS defer + tap': rxjs }),
  job('hedge', 'hedge', 'none is late', { 'RxJS race + timer': rxjs }),
  job('timeout-each', 'timeoutEach', '10 s', { 'RxJS timeout': rxjs, cockatiel, 'Effect.timeout': effect }),
  job('timeout-idle', 'timeoutIdle', '10 s', { 'RxJS timeout': rxjs }),
  job('deadline', 'deadline', '10 s', { 'RxJS takeUntil + timer': rxjs }),
  job('fallback-to', 'fallbackTo', 'not needed', {
    'RxJS catchError': rxjs,
    cockatiel,
    'Effect.orElseSucceed': effect,
  }),
  job('poll-until', 'pollUntil', 'done at the first poll', { 'RxJS repeat + first': rxjs }),
  job('pause-while', 'pauseWhile', 'not paused', { 'RxJS filter + switchMap': rxjs }),
  job('resume-from', 'resumeFrom', 'nothing to resume', { 'RxJS tap + catchError': rxjs }),
  job('share-for', 'shareFor', 'an answer that is kept', { 'RxJS share + ReplaySubject': rxjs }),
];
