import type { FlowSubscriber } from './demand.js';
import { ConfigError } from './errors.js';
import { Flow } from './flow.js';
import { Outlet } from './outlet.js';
import {
  NodePort,
  type NodeReadable,
  NOTHING,
  type Port,
  type PortOwner,
  WebPort,
  type WebReadable,
} from './readable-ports.js';

class ReadableRun<T> extends Outlet<T> implements PortOwner {
  #make: (() => NodeReadable | WebReadable<T>) | undefined;
  #port: Port<T> | undefined;

  constructor(to: FlowSubscriber<T>, make: () => NodeReadable | WebReadable<T>) {
    super(to);
    this.#make = make;
  }

  wake(): void {
    this.drain();
  }

  finish(): void {
    this.complete();
  }

  crash(error: unknown): void {
    this.fail(error);
  }

  protected override pull(): boolean {
    const chunk = this.#port ? this.#port.take() : NOTHING;
    if (chunk === NOTHING) return false;
    this.emit(chunk);
    return true;
  }

  protected override idle(wanted: number): void {
    if (wanted === 0) return;
    if (this.#make) this.#open(this.#make);
    else this.#port?.ask();
  }

  protected override release(): void {
    const port = this.#port;
    this.#port = this.#make = undefined;
    port?.close();
  }

  #open(make: () => NodeReadable | WebReadable<T>): void {
    this.#make = undefined;
    try {
      const stream = make();
      if ('getReader' in stream) this.#port = new WebPort(stream.getReader(), this);
      else if (typeof stream.read === 'function') this.#port = new NodePort(stream, this);
      else throw new ConfigError('make', 'return a Node stream or a web ReadableStream');
    } catch (error) {
      return this.fail(error);
    }
    if (this.isOpen) this.drain();
    else this.release();
  }
}

/**
 * Sends the chunks of a Node stream or a web stream, and holds the stream back until they are asked for.
 *
 * Each subscription makes its own stream, at its first request. A stream reads ahead of demand by its own high-water
 * mark, no more: behind a socket that holds the sender back.
 *
 * - next: each chunk; of a Node stream in byte mode all that it has buffered, in one piece.
 * - error: the stream's error, the same object; a NetworkError when it closes before its end; what `make` throws.
 * - complete: when the stream ends.
 * - unsubscribe: destroys the Node stream, cancels the web stream.
 *
 * @param make - makes the stream; called once per subscription, so that another subscription reads it anew
 * @returns a Flow of its chunks: `Uint8Array` unless the stream carries something else
 * @throws ConfigError, through the Flow, when `make` returns something else
 * @see Node.js documentation, "Readable streams: two reading modes"; WHATWG Streams, "Readable streams"
 *
 * @example
 * ```ts
 * import { fromReadable } from 'millrace';
 * import { createReadStream } from 'node:fs';
 *
 * let bytes = 0;
 * for await (const chunk of fromReadable(() => createReadStream('package.json'))) bytes += chunk.length;
 * bytes > 0; // => true
 * ```
 */
export function fromReadable<T>(make: () => WebReadable<T>): Flow<T>;
export function fromReadable<T = Uint8Array>(make: () => NodeReadable): Flow<T>;
export function fromReadable<T>(make: () => NodeReadable | WebReadable<T>): Flow<T> {
  return new Flow({ subscribe: (to) => new ReadableRun(to, make).start() });
}
