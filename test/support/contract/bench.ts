import { DEFAULT_LIMITS } from '../../../lib/core/wire.js';
import type { Transport, TransportHandle, TransportRequest } from '../../../lib/transport/contract.js';
import { holds } from './check.js';
import { type EventName, Recorder } from './recorder.js';
import type { Ask, Bench, ContractServer, Opened } from './types.js';

let lastId = 0;

/** A request with everything the contract asks for. */
export function requestFor(url: string, ask: Ask = {}): TransportRequest {
  const { origin, pathname, search } = new URL(url);
  const { body } = ask;
  const known = typeof body === 'string' ? new TextEncoder().encode(body).length : sizeOf(body);
  return {
    method: 'GET',
    bodyBytes: known,
    stream: false,
    uploadProgress: false,
    redirect: 'manual',
    cookies: undefined,
    cache: undefined,
    keepalive: undefined,
    limits: DEFAULT_LIMITS,
    ...ask,
    url: origin + pathname + search,
    origin,
    path: pathname + search,
    headers: (ask.headers ?? []).flat(),
    body,
  };
}

function sizeOf(body: unknown): number | undefined {
  if (body instanceof Uint8Array) return body.length;
  return body instanceof Blob ? body.size : undefined;
}

/** Follows the calls of one exchange, so that the recorder knows when the contract allows what. */
class WatchedHandle implements TransportHandle {
  readonly #handle: TransportHandle;
  readonly #sink: Recorder;

  constructor(handle: TransportHandle, sink: Recorder) {
    this.#handle = handle;
    this.#sink = sink;
  }

  get waiting(): boolean {
    return this.#handle.waiting;
  }

  pause(): void {
    this.#sink.paused = true;
    this.#handle.pause();
  }

  resume(): void {
    this.#sink.paused = false;
    this.#handle.resume();
  }

  abort(reason?: unknown): void {
    this.#sink.aborted();
    this.#handle.abort(reason);
  }
}

/** A bench, a way to end what still runs on it, and the check that nothing on it broke the contract. */
export interface SetUp {
  readonly bench: Bench;
  abortAll(): void;
  verify(): void;
}

export function setUp(transport: Transport, server: ContractServer): SetUp {
  const all: Opened[] = [];

  const open = (path: string, ask: Ask = {}): Opened => {
    const id = `c${++lastId}-${Math.random().toString(36).slice(2)}`;
    const url = new URL(path, server.origin);
    url.search += `${url.search ? '&' : '?'}id=${id}`;
    const request = requestFor(url.href, ask);
    const act = (event: EventName) => ask.on?.[event as keyof NonNullable<Ask['on']>]?.(opened);
    const sink = new Recorder(act);
    const handle = new WatchedHandle(transport.open(request, sink), sink);
    const opened: Opened = { id, request, handle, sink };
    sink.opened();
    all.push(opened);
    return opened;
  };

  const fetch = async (path: string, ask?: Ask): Promise<Opened> => {
    const opened = open(path, ask);
    await opened.sink.settled;
    if (opened.sink.error) throw opened.sink.error;
    return opened;
  };

  const failure = async (path: string, ask?: Ask) => {
    const { sink } = open(path, ask);
    await sink.settled;
    holds(sink.error !== undefined, `${path} ended well, with ${sink.bytes} bytes`);
    return sink.error;
  };

  const verify = () => {
    const faults = all.flatMap(({ request, sink }) => sink.faults.map((fault) => `${request.path}: ${fault}`));
    holds(faults.length === 0, faults.join('\n'));
  };
  const abortAll = () => {
    for (const { sink, handle } of all) if (!sink.over) handle.abort();
  };
  return { bench: { transport, capabilities: transport.capabilities, server, open, fetch, failure }, abortAll, verify };
}
