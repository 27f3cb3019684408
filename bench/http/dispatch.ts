import { gunzipSync } from 'node:zlib';

import type { Dispatcher } from 'undici';

import type { Done, Work } from './client.ts';

export function dispatchOptions({ origin, path, body }: Work): Dispatcher.DispatchOptions {
  if (!body) return { origin, path, method: 'GET' };
  return { origin, path, method: 'POST', headers: ['content-type', 'application/json'], body: JSON.stringify(body) };
}

/** Undici 7's older handler, its cheapest: it leaves header fields raw. One object per call, no closures. */
export class Handler implements Dispatcher.DispatchHandler {
  readonly #gzip: boolean;
  readonly #done: Done;
  readonly #chunks: Buffer[] = [];
  #status = 0;

  constructor(gzip: boolean, done: Done) {
    this.#gzip = gzip;
    this.#done = done;
  }

  onConnect(): void {}

  onHeaders(status: number): boolean {
    this.#status = status;
    return true;
  }

  onData(chunk: Buffer): boolean {
    this.#chunks.push(chunk);
    return true;
  }

  onComplete(): void {
    if (this.#status !== 200) return this.#done(new Error(`status ${this.#status}`));
    this.#done(undefined, parse(this.#chunks, this.#gzip));
  }

  onError(error: Error): void {
    this.#done(error);
  }
}

/** For clients that leave content encodings to the caller: the cheapest way for a body of this size. */
export function parse(chunks: readonly Buffer[], gzip: boolean): unknown {
  const bytes = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
  return JSON.parse((gzip ? gunzipSync(bytes, { maxOutputLength: 10_485_760 }) : bytes).toString());
}
