import type { ObservableInput } from 'rxjs';

import type { Backoff } from '../core/backoff.js';
import { must } from '../core/must.js';
import { atLeast, wholeFrom } from '../core/numbers.js';
import { isPlain, readOptions } from '../core/options.js';
import type { JudgeRules } from './operation-modes.js';
import type {
  OperationAnswer,
  OperationMode,
  OperationReader,
  OperationState,
  OperationVerdict,
  OperationWords,
} from './operation-types.js';

/** Settings for {@link longRunning}. */
export interface LongRunningOptions {
  /** How the server tells how its work is going. @defaultValue found out from its answer */
  readonly mode?: OperationMode | OperationReader;
  /** Where to ask, where no header says it: a URL, which may be relative to that of the answer; `undefined` for done. */
  readonly monitor?: (answer: OperationAnswer) => string | undefined;
  /** Where the state is. @defaultValue `status`, `state`, `properties.provisioningState` or `provisioningState` */
  readonly stateOf?: (body: unknown) => unknown;
  /** The words that end an operation. Each list replaces its default. */
  readonly words?: OperationWords;
  /**
   * Where the result of a `status` monitor lies: in its last answer, at the last `Location`, at the URL of the call, or
   * what a function takes from the last answer's body. @defaultValue its `resourceLocation`; else by the verb: PUT and
   * PATCH ask the URL of the call (PATCH a `Location` first), DELETE has none, others a `Location`, else the last answer
   */
  readonly result?: 'monitor' | 'location' | 'original' | ((body: unknown) => unknown);
  /**
   * The wait before a poll, where the server says none: a number, or a {@link Backoff} that gets the last answer's body
   * (or the error) and counts polls. Unit: milliseconds. @defaultValue 1 000, half as much more each time, to 30 000
   */
  readonly waitMs?: number | Backoff;
  /** A longer `Retry-After` counts as this. Unit: milliseconds. @defaultValue 3 600 000 */
  readonly maxWaitMs?: number;
  /** Failed polls in a row that are tolerated, if what they failed with may pass. @defaultValue 10 */
  readonly failures?: number;
  /** How long after the start a poll may find nothing (404). Unit: milliseconds. @defaultValue 10 000 */
  readonly graceMs?: number;
  /**
   * Asks to be answered at once (RFC 7240, `respond-async`); a number allows the server so long to finish first. Unit:
   * milliseconds. @defaultValue false
   */
  readonly respondAsync?: boolean | number;
  /**
   * Tells of the end from elsewhere: a webhook, a socket. Polls go on beside it, and the first to tell ends both.
   * `succeeded` without a result, and `running`, are answered by a poll at once.
   */
  readonly push?: (operation: OperationState) => ObservableInput<OperationVerdict>;
  /** Asks the server to stop: what {@link Operation.cancel} subscribes to. */
  readonly cancel?: (operation: OperationState) => ObservableInput<unknown>;
  /** Goes on with an operation that was begun before; the call is not sent. @defaultValue none */
  readonly from?: OperationState;
}

/** {@link LongRunningOptions}, read and checked. */
export interface OperationRules extends JudgeRules, Pick<LongRunningOptions, 'mode' | 'monitor' | 'result' | 'push'> {
  readonly wait: Backoff;
  readonly maxWaitMs: number;
  readonly failures: number;
  readonly graceMs: number;
  readonly prefer: string | undefined;
  readonly cancel: LongRunningOptions['cancel'];
  readonly from: OperationState | undefined;
}

const KEYS = 'mode monitor stateOf words result waitMs maxWaitMs failures graceMs respondAsync push cancel from'.split(
  ' ',
);
const MODES = ['status', 'location', 'same-url', 'body', 'done'];
const RESULTS = ['monitor', 'location', 'original'];
const WORDS: Required<OperationWords> = {
  succeeded: ['succeeded', 'completed'],
  failed: ['failed', 'error'],
  canceled: ['canceled', 'cancelled'],
};

const growing: Backoff = (_, poll) => Math.min(30_000, 1000 * 1.5 ** Math.min(poll, 20));

/** @throws ConfigError when an option is wrong */
export function readRules(options: unknown): OperationRules {
  const given: LongRunningOptions = readOptions(options, KEYS, 'longRunning');
  const { mode, result, waitMs = growing, respondAsync = false } = given;
  const at = (name: string): string => `longRunning.${name}`;
  for (const name of ['monitor', 'stateOf', 'push', 'cancel'] as const) {
    must(given[name] === undefined || typeof given[name] === 'function', at(name), 'a function');
  }
  must(isOneOf(mode, MODES), at('mode'), `one of '${MODES.join("', '")}', or a function that reads an answer`);
  must(isOneOf(result, RESULTS), at('result'), `one of '${RESULTS.join("', '")}', or a function of the last body`);
  if (typeof waitMs !== 'function') atLeast(0, waitMs, at('waitMs'));
  if (typeof respondAsync !== 'boolean') atLeast(0, respondAsync, at('respondAsync'));
  return {
    ...given,
    words: readWords(given.words),
    stateOf: given.stateOf,
    wait: typeof waitMs === 'function' ? waitMs : () => waitMs,
    maxWaitMs: atLeast(0, given.maxWaitMs ?? 3_600_000, at('maxWaitMs')),
    failures: wholeFrom(0, given.failures ?? 10, at('failures')),
    graceMs: atLeast(0, given.graceMs ?? 10_000, at('graceMs')),
    prefer: preferOf(respondAsync),
    cancel: given.cancel,
    from: given.from === undefined ? undefined : readState(given.from, mode),
  };
}

const isOneOf = (value: unknown, known: readonly unknown[]): boolean =>
  value === undefined || typeof value === 'function' || known.includes(value);

function preferOf(respondAsync: boolean | number): string | undefined {
  if (respondAsync === false) return undefined;
  return respondAsync === true ? 'respond-async' : `respond-async, wait=${Math.ceil(respondAsync / 1000)}`;
}

function readWords(given: unknown): JudgeRules['words'] {
  const read: OperationWords = readOptions(given, Object.keys(WORDS), 'longRunning.words');
  const words = new Map<string, 'succeeded' | 'failed' | 'canceled'>();
  for (const state of ['succeeded', 'failed', 'canceled'] as const) {
    const list: unknown = read[state] ?? WORDS[state];
    const isList = Array.isArray(list) && list.every((word) => typeof word === 'string');
    must(isList, `longRunning.words.${state}`, 'an array of words');
    for (const word of list as string[]) words.set(word.trim().toLowerCase(), state);
  }
  return words;
}

/** Reads a state that was kept elsewhere. */
function readState(given: unknown, mode: LongRunningOptions['mode']): OperationState {
  const field = 'longRunning.from';
  const state = (isPlain(given) ? given : {}) as Partial<Record<keyof OperationState, unknown>>;
  must(state.version === 1, field, 'what operation.serialize() gave, version 1');
  for (const name of ['url', 'monitor', 'resultUrl'] as const) {
    const isThere = state[name] !== undefined || name === 'url' || name === 'monitor';
    if (isThere) must(/^https?:\/\//.test(String(state[name])), `${field}.${name}`, 'an absolute URL');
  }
  for (const name of ['polls', 'startedMs', 'askAtMs'] as const) {
    must(Number.isFinite(state[name]), `${field}.${name}`, 'a number');
  }
  must(state.mode === 'custom' || MODES.includes(String(state.mode)), `${field}.mode`, 'a mode');
  must(
    state.mode !== 'custom' || typeof mode === 'function',
    'longRunning.mode',
    'the function that the state was read with',
  );
  return { ...state } as unknown as OperationState;
}
