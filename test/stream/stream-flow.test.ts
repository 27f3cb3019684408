import { take } from 'rxjs';
import { describe, expect, it } from 'vitest';

import type { FlowSubscriber } from '../../lib/core/demand.js';
import { isProgress, PROGRESS } from '../../lib/core/progress.js';
import type { ConnectionEvent, StreamEvent } from '../../lib/stream/stream-events.js';
import { StreamFlow } from '../../lib/stream/stream-flow.js';

const open: ConnectionEvent = { type: 'open', attempt: 1, sinceMs: 5, cursor: undefined, [PROGRESS]: true };

interface Run {
  readonly to: FlowSubscriber<number>;
  readonly tell: ((event: ConnectionEvent) => void) | undefined;
  readonly asked: number[];
  cancelled: number;
}

/** A stream whose runs do what the test says. */
function steered(): { runs: Run[]; flow: StreamFlow<number> } {
  const runs: Run[] = [];
  const flow = new StreamFlow<number>((to, tell) => {
    const run: Run = { to, tell, asked: [], cancelled: 0 };
    runs.push(run);
    to.onSubscribe({ request: (n) => void run.asked.push(n), cancel: () => void run.cancelled++ });
  });
  return { runs, flow };
}

describe('StreamFlow', () => {
  it('starts nothing before it is subscribed to, and one run for each subscription', () => {
    const { runs, flow } = steered();
    const events$ = flow.events();
    expect(runs).toHaveLength(0);
    flow.subscribe();
    events$.subscribe();
    events$.subscribe();
    expect(runs).toHaveLength(3);
  });

  it('asks for no events where nobody looks at them', () => {
    const { runs, flow } = steered();
    flow.subscribe();
    flow.events().subscribe();
    expect(runs.map(({ tell }) => tell !== undefined)).toEqual([false, true]);
  });

  it('gives events and values in the order they come, then the end', () => {
    const { runs, flow } = steered();
    const seen: unknown[] = [];
    flow.events().subscribe({ next: (event) => seen.push(event), complete: () => seen.push('complete') });
    const { to, tell, asked } = runs[0]!;
    expect(asked).toEqual([Infinity]);
    tell?.(open);
    to.onNext(7);
    to.onComplete();
    expect(seen).toEqual([open, { type: 'value', value: 7 }, 'complete']);
  });

  it('passes an error on as the same object', () => {
    const { runs, flow } = steered();
    const error = new Error('foreign');
    let got: unknown;
    flow.events().subscribe({ error: (e: unknown) => (got = e) });
    runs[0]!.to.onError(error);
    expect(got).toBe(error);
  });

  it('cancels the run when its events are left, also in the middle of its start', () => {
    const { runs, flow } = steered();
    const events$ = flow.events();
    events$.subscribe().unsubscribe();
    expect(runs[0]!.cancelled).toBe(1);
    const seen: StreamEvent<number>[] = [];
    events$.pipe(take(1)).subscribe((event) => seen.push(event));
    runs[1]!.tell?.(open);
    runs[1]!.to.onNext(1);
    expect(runs[1]!.cancelled).toBe(1);
    expect(seen).toEqual([open]);
  });

  it('marks all but values as progress', () => {
    expect(isProgress(open)).toBe(true);
    expect(isProgress({ type: 'value', value: 1 })).toBe(false);
  });
});
