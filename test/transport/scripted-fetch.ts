import type { FetchAnswer, FetchLike, FetchRead } from '../../lib/transport/fetch-answer.js';
import type { TransportRequest } from '../../lib/transport/contract.js';
import { openFetch } from '../../lib/transport/fetch-exchange.js';
import { requestFor } from '../support/contract/bench.js';
import { Recorder } from '../support/contract/recorder.js';

/** A `fetch` that a test answers by hand, piece by piece. */
export class ScriptedFetch {
  readonly inits: Record<string, unknown>[] = [];
  /** Reads that the transport has asked for and that wait for an answer. */
  readonly reads: ((read: Promise<FetchRead>) => void)[] = [];
  asked = 0;
  #answer: (answer: FetchAnswer | Promise<never>) => void = () => {};

  readonly fetch: FetchLike = (_url, init) => {
    this.inits.push(init as Record<string, unknown>);
    return new Promise<FetchAnswer>((resolve) => {
      this.#answer = resolve;
    });
  };

  /** The signal of the last exchange. */
  get signal(): AbortSignal {
    return this.inits.at(-1)!.signal as AbortSignal;
  }

  /** Answers with a head; the body is read through `reads`, unless `over` brings another one. */
  head(over: Partial<FetchAnswer> = {}): Promise<void> {
    const read = () => {
      this.asked += 1;
      return new Promise<FetchRead>((resolve) => this.reads.push(resolve));
    };
    const body = { getReader: () => ({ read }) };
    this.#answer({ status: 200, statusText: 'OK', headers: new Headers(), url: '', ...whole, body, ...over });
    return turn();
  }

  chunk(text: string): Promise<void> {
    this.reads.shift()!(Promise.resolve({ done: false, value: new TextEncoder().encode(text) }));
    return turn();
  }

  end(): Promise<void> {
    this.reads.shift()!(Promise.resolve({ done: true }));
    return turn();
  }

  fail(reason: unknown): Promise<void> {
    const failed = Promise.reject<FetchRead>(reason);
    this.reads.shift()!(failed);
    return turn();
  }
}

const whole = { arrayBuffer: () => Promise.reject(new Error('a body that streams is not read whole')) };

/** Lets all promises settle that can. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** An exchange over a scripted fetch, just opened: `fetch` is called in the next turn. */
export function openScripted(over: Partial<TransportRequest> = {}, hidden = true) {
  const fetch = new ScriptedFetch();
  const sink = new Recorder(() => {});
  const request = { ...requestFor('http://api.test/path'), redirect: 'follow', ...over } as const;
  const handle = openFetch(request, sink, fetch.fetch, hidden);
  sink.opened();
  return { fetch, sink, handle };
}

/** An exchange whose head has come. */
export async function answered(over: Partial<FetchAnswer> = {}, request: Partial<TransportRequest> = {}) {
  const opened = openScripted(request);
  await turn();
  await opened.fetch.head(over);
  return opened;
}
