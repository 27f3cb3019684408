export const WAIT_MS = 1;

/** What a contender exports under the name `run`: sends so many bursts, gives how many results came. */
export type RunBursts = (bursts: number, values: number) => Promise<number>;

export const search = async (text: string): Promise<string> => `found ${text}`;

const texts = Array.from({ length: 10_000 }, (_, index) => `query ${index}`);

interface Typist {
  /** Takes a result; the next burst comes when the last one's is there. */
  result(found: string): void;
  readonly done: Promise<number>;
}

/** Sends values in bursts, as while somebody pastes or scrolls, or a sensor chatters. */
export function typist(bursts: number, values: number, next: (text: string) => void): Typist {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  let left = bursts;
  const burst = (): void => {
    for (let i = 1; i < values; i++) next(texts[i]!);
    next(`last ${left}`);
  };
  const result = (found: string): void => {
    if (found !== `found last ${left}`) return reject(new Error(`${found} is not the last`));
    if (--left > 0) burst();
    else resolve(bursts);
  };
  queueMicrotask(burst);
  return { result, done: promise };
}
