import type { Calling, Client, Promising, Work } from './client.ts';

type Check = (value: unknown) => void;

/** Makes `n` calls, `concurrency` at once: each lane starts a call when its last one is over. */
export function inLanes(client: Client, work: Work, n: number, concurrency: number, check: Check): Promise<void> {
  const count = Math.min(n, concurrency);
  return 'call' in client ? promised(client, work, n, count, check) : called(client, work, n, count, check);
}

async function promised(client: Promising, work: Work, n: number, count: number, check: Check): Promise<void> {
  let left = n;
  const lane = async (): Promise<void> => {
    while (left-- > 0) check(await client.call(work));
  };
  await Promise.all(Array.from({ length: count }, lane));
}

function called(client: Calling, work: Work, n: number, count: number, check: Check): Promise<void> {
  return new Promise((resolve, reject) => {
    let left = n;
    let running = 0;
    const next = (): void => {
      if (left-- > 0) client.start(work, done);
      else if (--running === 0) resolve();
    };
    const done = (error: unknown, value?: unknown): void => {
      if (error !== undefined) return reject(error as Error);
      check(value);
      next();
    };
    running = count;
    for (let i = 0; i < count; i++) next();
  });
}
