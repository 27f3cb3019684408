import { ProtocolError, StatusError } from '../core/answer-errors.js';
import type { ApiError } from '../core/errors.js';
import { oneLine } from '../core/one-line.js';
import type { HeadersView } from '../core/wire.js';
import { TRANSIENT } from '../http/error-body.js';
import { headersRecord } from '../http/headers.js';
import { readRetryAfter } from '../http/retry-after.js';
import { transportError } from '../transport/network-errors.js';
import { tooLong } from './socket-limit.js';
import {
  FLUSH_MS,
  GOODBYE_MS,
  type OpenSocket,
  type SocketData,
  type SocketHandle,
  type SocketRequest,
  type SocketSink,
} from './socket-contract.js';

/** The part of the package `ws` that is used. */
interface Ws {
  binaryType: string;
  readonly readyState: number;
  readonly bufferedAmount: number;
  readonly protocol: string;
  on(event: string, heard: (...args: never[]) => void): unknown;
  removeAllListeners(): unknown;
  send(data: SocketData): void;
  ping(): void;
  pause(): void;
  resume(): void;
  close(code: number, reason: string): void;
  terminate(): void;
}
interface Fault extends Error {
  readonly code?: string;
}
interface NodeText {
  toString(encoding: 'utf8'): string;
}
interface Answer {
  readonly statusCode: number;
  readonly statusMessage: string;
  readonly rawHeaders: readonly string[];
}
type WsClass = new (url: string, protocols: readonly string[], options: object) => Ws;

const platform = globalThis as unknown as {
  readonly Headers: new () => HeadersView & { append(name: string, value: string): void };
};

const OPEN = 1;
const ignore = (): void => undefined;

/** Loads the package `ws`, an optional peer; `undefined` where it is not installed. */
export async function loadWs(): Promise<OpenSocket | undefined> {
  try {
    // A cast, so that the package's types do not bring Node's into this compilation.
    const { WebSocket } = (await import('ws' as string)) as { readonly WebSocket: WsClass };
    return (request, sink) => new WsSocket(WebSocket, request, sink);
  } catch {
    return undefined;
  }
}

/** A socket of the package `ws`: pings, holds the sender back, shows why a handshake failed. */
class WsSocket implements SocketHandle {
  readonly #ws: Ws;
  readonly #request: SocketRequest;
  #sink: SocketSink | undefined;
  #error: ApiError | undefined;
  #isOpen = false;

  constructor(WebSocket: WsClass, request: SocketRequest, sink: SocketSink) {
    this.#request = request;
    this.#sink = sink;
    const { url, protocols, headers, messageBytes } = request;
    const ws = new WebSocket(url, protocols, { headers: headersRecord(headers), maxPayload: messageBytes });
    this.#ws = ws;
    ws.binaryType = 'arraybuffer';
    ws.on('open', () => {
      this.#isOpen = true;
      this.#sink?.opened(ws.protocol);
    });
    ws.on('message', (data: ArrayBuffer | NodeText, isBinary: boolean) => {
      this.#sink?.message(isBinary ? new Uint8Array(data as ArrayBuffer) : (data as NodeText).toString('utf8'));
    });
    const alive = (): void => this.#sink?.alive();
    ws.on('ping', alive);
    ws.on('pong', alive);
    ws.on('unexpected-response', (_: unknown, answer: Answer) => {
      this.#error = refused(answer, request);
      ws.terminate();
    });
    ws.on('error', (error: Fault) => (this.#error ??= this.#explained(error)));
    ws.on('close', (code: number, reason: NodeText) => {
      const to = this.#sink;
      this.#sink = undefined;
      to?.ended({ code, reason: reason.toString('utf8'), error: this.#error });
    });
  }

  get bufferedBytes(): number {
    return this.#ws.bufferedAmount;
  }

  send(data: SocketData): void {
    this.#ws.send(data);
  }

  ping(): void {
    if (this.#ws.readyState === OPEN) this.#ws.ping();
  }

  pause(): void {
    this.#ws.pause();
  }

  resume(): void {
    this.#ws.resume();
  }

  close(code: number, reason: string): void {
    const ws = this.#ws;
    this.#sink = undefined;
    ws.removeAllListeners();
    // It may still fail, and an error without a listener ends the program.
    ws.on('error', ignore);
    if (ws.readyState !== OPEN) return ws.terminate();
    ws.close(code, reason);
    // A paused socket would not read the peer's goodbye.
    ws.resume();
    const waitMs = ws.bufferedAmount > 0 ? FLUSH_MS : GOODBYE_MS;
    ws.on(
      'close',
      this.#request.clock.after(waitMs, () => ws.terminate()),
    );
  }

  #explained(error: Fault): ApiError {
    const { origin, messageBytes } = this.#request;
    const { code = '', message } = error;
    if (code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') return tooLong(messageBytes);
    if (code.startsWith('WS_ERR_')) return new ProtocolError(`${origin} breaks RFC 6455: ${message}`, { cause: error });
    return transportError(error, this.#isOpen ? 'receive' : 'connect', origin, 0);
  }
}

/** The server answered the handshake with a status of its own. */
function refused({ statusCode, statusMessage, rawHeaders }: Answer, { clock }: SocketRequest): StatusError {
  const headers = new platform.Headers();
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) headers.append(rawHeaders[i]!, rawHeaders[i + 1]!);
  const said = `${statusCode} ${oneLine(statusMessage, 100)}`.trim();
  return new StatusError(statusCode, `the server answered the WebSocket handshake with ${said}`, {
    headers,
    body: undefined,
    retryable: TRANSIENT.has(statusCode),
    retryAfterMs: readRetryAfter(headers, clock.now()),
  });
}
