import type { FlowSubscriber } from '../core/demand.js';
import { FLOW } from '../core/flow.js';
import { must } from '../core/must.js';
import { type Call, OUTCOME } from '../http/call.js';
import { OperationRun } from './operation-run.js';
import { type LongRunningOptions, readRules } from './operation-settings.js';
import type { OperationEvent, OperationState } from './operation-types.js';
import { StreamFlow } from './stream-flow.js';

/**
 * The result of work that a server takes on and does later: 202, and then?
 *
 * - next: the result, decoded as the call says; more than one value where its decoder gives many.
 * - error: an OperationError when the work failed, was canceled or is no longer known; else what an exchange failed with.
 *   A poll that fails in a way that may pass is not an error.
 * - complete: behind the result.
 * - unsubscribe: stops watching, and aborts the exchange that runs. The server goes on: {@link Operation.cancel} stops it.
 *
 * Each subscription starts the work anew. `events()` tells how it goes, with a handle that serialises and cancels it.
 *
 * `Operation-Location` and `Azure-AsyncOperation`, `Location`, a `done` of AIP-151, a `provisioningState`, and 202 to a
 * GET are found by themselves; `mode` and `monitor` say what cannot be. `Retry-After` is obeyed from the first answer on.
 * Polls use the client, header fields and decoder of the call; another origin gets none of the fields.
 *
 * @param call - starts the work
 * @param options - see {@link LongRunningOptions}; all times are milliseconds
 * @throws ConfigError when an option is wrong
 * @see RFC 9110, sections 10.2.3 and 15.3.3; RFC 7240; Google AIP-151; the Azure guidelines for long-running operations
 *
 * @example
 * ```ts
 * import { createApi, longRunning } from 'millrace';
 * import { lastValueFrom } from 'rxjs';
 *
 * const api = createApi({ baseUrl: 'https://api.example.com/v1' });
 * const report$ = longRunning(api.post<{ rows: number }>('/reports'), { waitMs: 1 });
 * await lastValueFrom(report$); // => { rows: 100 }
 * ```
 */
export function longRunning<T>(
  call: Call<T>,
  options: LongRunningOptions = {},
): StreamFlow<T, OperationState, OperationEvent> {
  must(
    typeof call === 'object' && call !== null && OUTCOME in call,
    'longRunning.call',
    'a call, such as api.post(path)',
  );
  const rules = readRules(options);
  return new StreamFlow((to: FlowSubscriber<T>, tell) => {
    const outcome = call[OUTCOME];
    // A call that could not be planned fails as it would by itself.
    if ('error' in outcome) call[FLOW].subscribe(to);
    else new OperationRun(outcome.plan, to, rules, tell).start();
  });
}
