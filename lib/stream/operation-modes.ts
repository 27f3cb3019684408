import { type DecodeError, ProtocolError } from '../core/answer-errors.js';
import { isPlain } from '../core/options.js';
import type { OperationAnswer, OperationMode, OperationReader, OperationVerdict } from './operation-types.js';

/** An answer with its bytes. */
export interface Answer extends OperationAnswer {
  readonly bytes: Uint8Array;
  /** Why the body is no JSON. */
  readonly invalid: DecodeError | undefined;
}

/** A verdict, and the server's own word for it. `byRule`: where the result lies depends on the verb. */
export type Judgement = OperationVerdict & { readonly word?: string | undefined; readonly byRule?: boolean };

/** What is needed to judge answers. */
export interface JudgeRules {
  /** Terminal states by their words in lower case. */
  readonly words: ReadonlyMap<string, 'succeeded' | 'failed' | 'canceled'>;
  /** Where the state is, if not at one of the usual places. */
  readonly stateOf: ((body: unknown) => unknown) | undefined;
}

/** A member of a JSON object, its own only: a polluted prototype must not reach in. */
export function field(body: unknown, name: string): unknown {
  return isPlain(body) && Object.hasOwn(body, name) ? body[name] : undefined;
}

const resourceState = (body: unknown): unknown =>
  field(field(body, 'properties'), 'provisioningState') ?? field(body, 'provisioningState');
const monitorState = (body: unknown): unknown => field(body, 'status') ?? field(body, 'state');

/** The address of a status monitor, where an answer names one. */
export function monitorOf({ headers }: OperationAnswer): string | undefined {
  return headers.get('operation-location') ?? headers.get('azure-asyncoperation') ?? undefined;
}

const locationOf = ({ headers }: OperationAnswer): string | undefined => headers.get('location') ?? undefined;

/**
 * How a server tells how its work is going, by its answer to the call.
 *
 * @returns `undefined` when the work is done, and this is its result
 * @throws ProtocolError when there is work going on and nothing says where to ask for it
 */
export function detectMode(answer: Answer, method: string, rules: JudgeRules): OperationMode | undefined {
  const { status, body } = answer;
  const state = stateOf(body, rules, [resourceState]);
  const isOver = typeof state === 'string' && rules.words.has(state.trim().toLowerCase());
  if (monitorOf(answer) !== undefined) return status === 200 && isOver ? 'body' : 'status';
  if (typeof field(body, 'done') === 'boolean' && typeof field(body, 'name') === 'string') return 'done';
  if (status === 202 && locationOf(answer) !== undefined) return 'location';
  if (typeof state === 'string') return 'body';
  if (status !== 202) return undefined;
  if (method === 'GET' || method === 'HEAD') return 'same-url';
  throw nowhere('202 and neither Operation-Location nor Location');
}

const nowhere = (what: string): ProtocolError =>
  new ProtocolError(`${what}: say where to ask with \`monitor\`, or how answers are to be read with \`mode\``);

const READERS: Readonly<
  Record<OperationMode, (answer: Answer, poll: number, rules: JudgeRules, asked: string) => Judgement>
> = {
  status: readStatus,
  location: readLocation,
  'same-url': ({ status }) => ({ state: status === 202 ? 'running' : 'succeeded' }),
  body: readResource,
  done: readDone,
};

/**
 * What an answer says of the work.
 *
 * @param poll - polls so far; 0 for the answer to the call
 * @param asked - the URL that was asked
 */
export function judge(
  mode: OperationMode | OperationReader,
  answer: Answer,
  poll: number,
  rules: JudgeRules,
  asked: string,
): Judgement {
  // A reader that returns nothing is told so by whoever looks at the state.
  if (typeof mode === 'function') return Object(mode(answer, poll)) as Judgement;
  return READERS[mode](answer, poll, rules, asked);
}

/** A status monitor: its body says how the work is going, whatever the status of the answer. */
function readStatus(answer: Answer, poll: number, rules: JudgeRules, asked: string): Judgement {
  const monitor = monitorOf(answer);
  if (poll === 0) {
    if (monitor !== undefined)
      return { state: 'running', monitor, word: wordOf(stateOf(answer.body, rules, [monitorState, resourceState])) };
    if (answer.status !== 202) return { state: 'succeeded' };
    throw nowhere('202 without Operation-Location');
  }
  const state = stateIn(answer, rules, [monitorState, resourceState]);
  // A monitor may lead to the result when it is there (303), and that need not speak of a state.
  if (state === undefined && pathOf(answer.url) !== pathOf(asked)) return { state: 'succeeded' };
  return { ...ended(state, answer, rules), byRule: true, ...(monitor === undefined ? {} : { monitor }) } as Judgement;
}

/** A location: 202 while the work goes on, then the result. */
function readLocation(answer: Answer, poll: number, rules: JudgeRules): Judgement {
  const monitor = locationOf(answer);
  const state = stateOf(answer.body, rules, [resourceState, monitorState]);
  const judged = typeof state === 'string' ? ended(state, answer, rules) : undefined;
  if (judged?.state === 'failed' || judged?.state === 'canceled') return judged;
  const isRunning = answer.status === 202 || (poll === 0 && monitor !== undefined);
  if (!isRunning) return { state: 'succeeded', word: judged?.word };
  if (poll === 0 && monitor === undefined) throw nowhere('202 without Location');
  return { state: 'running', word: judged?.word, ...(monitor === undefined ? {} : { monitor }) };
}

/** A resource that has its own state. */
function readResource(answer: Answer, _poll: number, rules: JudgeRules): Judgement {
  return ended(stateIn(answer, rules, [resourceState, monitorState]), answer, rules);
}

/** An operation of AIP-151. */
function readDone(answer: Answer): Judgement {
  if (answer.invalid) throw answer.invalid;
  const { body } = answer;
  const done = field(body, 'done') ?? (typeof field(body, 'name') === 'string' ? false : undefined);
  if (typeof done !== 'boolean') throw new ProtocolError('the answer does not say `done`, true or false');
  if (!done) return { state: 'running' };
  const detail = field(body, 'error');
  // Code 1 is CANCELLED.
  if (detail !== undefined) return { state: field(detail, 'code') === 1 ? 'canceled' : 'failed', detail };
  return { state: 'succeeded', result: field(body, 'response') };
}

/** @throws ProtocolError when there is no state, and it cannot be that the work was done elsewhere */
function ended(state: unknown, answer: Answer, { words }: JudgeRules): Judgement {
  if (typeof state !== 'string') {
    const what = state === undefined ? 'has no state' : 'has a state that is not a text';
    throw new ProtocolError(`the answer (status ${answer.status}) ${what}: say where it is with \`stateOf\``);
  }
  const over = words.get(state.trim().toLowerCase());
  const detail = over === 'failed' || over === 'canceled' ? field(answer.body, 'error') : undefined;
  return { state: over ?? 'running', word: state, ...(detail === undefined ? {} : { detail }) } as Judgement;
}

function stateIn(
  { body, invalid }: Answer,
  rules: JudgeRules,
  places: readonly ((body: unknown) => unknown)[],
): unknown {
  if (invalid) throw invalid;
  return stateOf(body, rules, places);
}

function stateOf(body: unknown, rules: JudgeRules, places: readonly ((body: unknown) => unknown)[]): unknown {
  if (body === undefined) return undefined;
  if (rules.stateOf) return rules.stateOf(body);
  for (const place of places) {
    const state = place(body);
    if (state !== undefined) return state;
  }
  return undefined;
}

const wordOf = (state: unknown): string | undefined => (typeof state === 'string' ? state : undefined);
const pathOf = (url: string): string => url.replace(/[?#].*$/s, '');
