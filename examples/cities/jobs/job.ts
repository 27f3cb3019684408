import type { Api } from 'millrace';

import type { Truth } from '../truth.ts';
import type { Screen } from '../ui/progress.ts';

/** What every job is given. */
export interface Context {
  /** The client that all jobs extend: they share its connections. */
  readonly api: Api;
  readonly baseUrl: string;
  readonly seed: number;
  readonly truth: Truth;
  readonly screen: Screen;
  /** Where the export is saved. */
  readonly file: string;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}

/** Calls, as the client counts them. */
export interface Counts {
  asked: number;
  answered: number;
  retried: number;
  cancelled: number;
  failed: number;
}

/** A fact that must hold, with what was found. */
export type Check = readonly [holds: boolean, fact: string];

/** What a job did. */
export interface Outcome {
  readonly counts: Counts;
  /** What there is to show for it. */
  readonly saved: string;
  readonly checks: readonly Check[];
}

export type Job = (context: Context) => Promise<Outcome>;

/** What becomes of a job that throws: a failed check, so that the other jobs still run. Ctrl-C passes on. */
export const threw =
  (signal: AbortSignal) =>
  (error: unknown): Outcome => {
    if (signal.aborted) throw error;
    const counts: Counts = { asked: 0, answered: 0, retried: 0, cancelled: 0, failed: 0 };
    return { counts, saved: '', checks: [[false, `it ended with ${String(error)}`]] };
  };
