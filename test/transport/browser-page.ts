import { DEFAULT_LIMITS, type Head } from '../../lib/core/wire.js';
import type { TransportRequest } from '../../lib/transport/contract.js';
import { defaultTransport } from '../../lib/transport/default-browser.js';
import { fetchTransport } from '../../lib/transport/fetch.js';
import { xhr } from '../../lib/transport/xhr.js';
import { requestFor } from '../support/contract/bench.js';
import { Recorder } from '../support/contract/recorder.js';

const transports = { defaultTransport, fetchTransport, xhr } as const;

/** A request as a test can describe it from outside of the page. */
export interface PageRequest extends Partial<Pick<TransportRequest, 'method' | 'redirect' | 'cookies' | 'cache'>> {
  readonly keepalive?: boolean;
  readonly stream?: boolean;
  readonly uploadProgress?: boolean;
  /** So many bytes to send, as bytes, or as a stream of pieces. */
  readonly bodyBytes?: number;
  readonly asStream?: 'ends' | 'fails';
  readonly limits?: { readonly bodyBytes?: number; readonly errorBodyBytes?: number };
}

/** What came of a request, as plain data. */
export interface Outcome {
  readonly events: readonly string[];
  readonly bytes: number;
  readonly uploads: readonly (readonly [loaded: number, total: number | undefined])[];
  readonly head:
    | (Pick<Head, 'status' | 'url' | 'redirected'> & { readonly headers: readonly (readonly [string, string])[] })
    | undefined;
  readonly error:
    | { readonly kind: string; readonly message: string; readonly which?: string; readonly field?: string }
    | undefined;
  readonly faults: readonly string[];
  /** Which of the browser's two ways it went. */
  readonly way: { readonly fetch: number; readonly xhr: number };
}

/** How the main thread fared. Unit: milliseconds. */
export interface Responsiveness {
  readonly longTasks: readonly number[];
  readonly bytes: number;
}

async function* pieces(bytes: number, fails: boolean): AsyncGenerator<Uint8Array, undefined> {
  for (let left = bytes; left > 0; left -= 1024) yield new Uint8Array(Math.min(left, 1024));
  if (fails) throw new Error('the rest is gone');
}

function begin(name: keyof typeof transports, url: string, over: PageRequest) {
  const { bodyBytes, asStream, limits, ...rest } = over;
  const body =
    bodyBytes === undefined
      ? undefined
      : asStream
        ? pieces(bodyBytes, asStream === 'fails')
        : new Uint8Array(bodyBytes);
  const request = { ...requestFor(url, { ...rest, ...(body && { body }) }), limits: { ...DEFAULT_LIMITS, ...limits } };
  const sink = new Recorder(() => {});
  const handle = transports[name]().open(request, sink);
  sink.opened();
  return { sink, handle };
}

/** What of the browser is used here; the sources are checked without the DOM's types. */
interface Browser {
  fetch: (...args: readonly unknown[]) => unknown;
  readonly XMLHttpRequest: { readonly prototype: { send(body: unknown): void } };
  readonly PerformanceObserver: new (heard: (list: { getEntries(): { readonly duration: number }[] }) => void) => {
    observe(options: object): void;
    takeRecords(): { readonly duration: number }[];
    disconnect(): void;
  };
}
const browser = globalThis as unknown as Browser;

/** Counts by which way requests leave, while `run` lasts. */
async function watchWays(run: () => Promise<void>): Promise<Outcome['way']> {
  const way = { fetch: 0, xhr: 0 };
  const { fetch } = browser;
  const { prototype } = browser.XMLHttpRequest;
  const { send } = prototype;
  browser.fetch = (...args) => {
    way.fetch += 1;
    return fetch(...args);
  };
  prototype.send = function counted(body) {
    way.xhr += 1;
    send.call(this, body);
  };
  await run();
  browser.fetch = fetch;
  prototype.send = send;
  return way;
}

function outcomeOf({ answer, error, events, bytes, uploads, faults }: Recorder, way: Outcome['way']): Outcome {
  const { kind, message, which, field } = (error ?? {}) as NonNullable<Outcome['error']>;
  return {
    events,
    bytes,
    uploads,
    head: answer && { ...answer, headers: [...answer.headers] },
    error: error && { kind, message, ...(which && { which }), ...(field && { field }) },
    faults,
    way,
  };
}

const pass = (ms: number) =>
  new Promise<void>((resolve) => {
    setTimeout(resolve, ms);
  });

const kept = new Map<string, ReturnType<typeof begin>>();

const page = {
  /** Runs one exchange to its end. */
  async call(name: TransportName, url: string, over: PageRequest = {}): Promise<Outcome> {
    let sink: Recorder | undefined;
    const way = await watchWays(() => (sink = begin(name, url, over).sink).settled);
    return outcomeOf(sink!, way);
  },
  /** Begins one, to be steered by its key. */
  begin(key: string, name: TransportName, url: string, over: PageRequest = {}): void {
    kept.set(key, begin(name, url, over));
  },
  steer(key: string, how: 'pause' | 'resume' | 'abort'): void {
    kept.get(key)!.handle[how]();
  },
  look(key: string): Outcome {
    return outcomeOf(kept.get(key)!.sink, { fetch: 0, xhr: 0 });
  },
  async settled(key: string): Promise<Outcome> {
    await kept.get(key)!.sink.settled;
    return page.look(key);
  },
  /** Watches the main thread while calls run, or while it is blocked on purpose. */
  async responsiveness(urls: readonly string[], blockMs = 0): Promise<Responsiveness> {
    const longTasks: number[] = [];
    const note = (entries: readonly { readonly duration: number }[]) => {
      for (const { duration } of entries) longTasks.push(duration);
    };
    const observer = new browser.PerformanceObserver((list) => note(list.getEntries()));
    observer.observe({ type: 'longtask' });
    const sinks = urls.map((url) => begin('fetchTransport', url, {}).sink);
    if (blockMs > 0) await pass(0);
    for (const until = performance.now() + blockMs; performance.now() < until;);
    await Promise.all(sinks.map(({ settled }) => settled));
    await pass(100); // the browser tells of long tasks a little later
    note(observer.takeRecords());
    observer.disconnect();
    return { longTasks, bytes: sinks.reduce((sum, { bytes }) => sum + bytes, 0) };
  },
};

export type TransportName = keyof typeof transports;

/** What the page offers to the test that opened it. */
export type BrowserPage = typeof page;

Object.assign(globalThis, { browserPage: page });
