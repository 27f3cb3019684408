/** One record, as a source makes it or a line of NDJSON says it. */
export interface Item {
  readonly id: number;
}

export type Work = (item: Item) => Promise<Item>;
/** Takes a result; a promise means that it is not ready for the next one before. */
export type Sink = (item: Item) => Promise<void> | undefined;

export interface Source {
  readonly items: Iterable<Item> | AsyncIterable<Item>;
  /** The same items over HTTP, for who brings a client: it tells the meter of each item itself. */
  readonly url: string;
  readonly meter: Meter;
}

/** What a contender exports under the name `run`: source, work for 64 items at once, one item after the other to the sink. */
export type Run = (source: Source, work: Work, sink: Sink) => Promise<void>;

export const CONCURRENCY = 64;

/** Counts what was taken from the source and has not reached the sink. */
export class Meter {
  #taken = 0;
  sunk = 0;
  most = 0;

  take(): void {
    const held = ++this.#taken - this.sunk;
    if (held > this.most) this.most = held;
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Work and sink that cost nothing: what is left is the price of the pipeline. */
export const free: { readonly work: Work; readonly sink: Sink } = {
  work: async (item) => item,
  sink: () => undefined,
};

/** Work that takes a turn of the event loop, 64 at once; a sink that takes one too, one at a time: 64 times slower. */
export const slow: typeof free = {
  work: (item) => turn().then(() => item),
  sink: turn,
};

export function* made(n: number, meter: Meter): Generator<Item, void> {
  for (let id = 0; id < n; id++) {
    meter.take();
    yield { id, a: id, b: id, c: id, d: id, e: id, f: id, g: id } as Item;
  }
}

/** Reads to the end, one item after the other. */
export async function readAll(results: AsyncIterable<Item>, sink: Sink): Promise<void> {
  for await (const item of results) {
    const busy = sink(item);
    if (busy) await busy;
  }
}
