/** Assertions without a test runner, so that the cases run in a page as well. */
export function same(actual: unknown, expected: unknown, what: string): void {
  const [got, wanted] = [show(actual), show(expected)];
  if (got !== wanted) throw new Error(`${what}: expected ${wanted}, got ${got}`);
}

export function holds(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(what);
}

export function among<T>(actual: T, allowed: readonly T[], what: string): void {
  if (!allowed.includes(actual)) throw new Error(`${what}: expected one of ${show(allowed)}, got ${show(actual)}`);
}

function show(value: unknown): string {
  return value === undefined ? 'undefined' : JSON.stringify(value);
}

/** Resolves once the condition holds; rejects after `withinMs`. */
export async function eventually(condition: () => boolean, what: string, withinMs = 5_000): Promise<void> {
  const until = performance.now() + withinMs;
  while (!condition()) {
    if (performance.now() > until) throw new Error(`${what}: not within ${withinMs} ms`);
    await pass(2);
  }
}

/** What the promise brings; rejects when that takes longer. */
export async function within<T>(promise: PromiseLike<T>, ms: number, what: () => string): Promise<T> {
  let timer: unknown;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${what()}: not within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer as number);
  }
}

/** Real time: what must not happen can only be waited for. */
export function pass(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
