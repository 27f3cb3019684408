import type { HeadersInput, QueryInput } from '../http/types.js';

/** What is asked for anew with each attempt. */
export type Asked = readonly [path: string, query: QueryInput | undefined, headers: HeadersInput | undefined];

/** The same, where each may be a function that gives it, or a promise of it. */
type Askable = readonly [path: unknown, query: unknown, headers: unknown];

/**
 * Asks the functions among the inputs for their values, and waits for promises.
 *
 * @param about - what the functions are told
 * @param then - gets all values, within this call where there is no promise
 * @param fail - gets what a function, a promise or `then` throws
 */
export function askAnew(
  inputs: Askable,
  about: unknown,
  then: (asked: Asked) => void,
  fail: (error: unknown) => void,
): void {
  try {
    const values = inputs.map((input) => (typeof input === 'function' ? (input(about) as unknown) : input));
    const go = (all: readonly unknown[]): void => then(all as unknown as Asked);
    if (values.some(isPromise)) void Promise.all(values).then(go).catch(fail);
    else go(values);
  } catch (error) {
    fail(error);
  }
}

function isPromise(value: unknown): boolean {
  return typeof (value as { then?: unknown } | undefined)?.then === 'function';
}
