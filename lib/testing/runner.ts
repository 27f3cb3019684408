/** What the kits need of an assertion: the `expect` of Vitest, Jest and Jasmine fits as it is. */
export type Expect = (actual: unknown) => { toEqual(expected: unknown): unknown };

/**
 * What the kits need of a test runner, so that none is a dependency. For `node:test`, hand over its `it` and
 * `(actual) => ({ toEqual: (expected) => assert.deepStrictEqual(actual, expected) })`.
 */
export interface Runner {
  readonly it: (title: string, body: () => Promise<void>) => unknown;
  readonly expect: Expect;
}
