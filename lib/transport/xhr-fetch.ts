import { LimitError } from '../core/answer-errors.js';
import { ConfigError } from '../core/errors.js';
import type { HeadersView } from '../core/wire.js';
import type { TransportRequest, TransportSink } from './contract.js';
import type { FetchAnswer, FetchLike } from './fetch-answer.js';

interface ProgressEvent {
  readonly loaded: number;
  readonly total: number;
  readonly lengthComputable: boolean;
}
interface Target {
  addEventListener(type: string, heard: (event: ProgressEvent) => void): void;
}
interface XMLHttpRequestLike extends Target {
  readonly upload: Target;
  readonly readyState: number;
  readonly status: number;
  readonly statusText: string;
  readonly responseURL: string;
  readonly response: ArrayBuffer;
  responseType: string;
  withCredentials: boolean;
  open(method: string, url: string): void;
  setRequestHeader(name: string, value: string): void;
  getAllResponseHeaders(): string;
  send(body: unknown): void;
  abort(): void;
}
interface Platform {
  readonly location?: { readonly origin: string };
  readonly XMLHttpRequest: new () => XMLHttpRequestLike;
  readonly Headers: new () => HeadersView & { append(name: string, value: string): void };
}
const platform = globalThis as unknown as Platform;

interface Init {
  readonly method: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly signal: Target & { readonly aborted: boolean; readonly reason: unknown };
  readonly body?: unknown;
}

/** What XMLHttpRequest has no switch for. */
function refuse({ cache, cookies, keepalive }: TransportRequest, init: Init): void {
  const refused =
    'duplex' in init ? 'body' : cache ? 'cache' : keepalive ? 'keepalive' : cookies === 'omit' && 'cookies';
  if (!refused) return;
  const what = refused === 'body' ? 'be a stream' : `be ${refused === 'cookies' ? "'omit'" : 'set'}`;
  throw new ConfigError(refused, `cannot ${what} with XMLHttpRequest (upload progress needs it): use fetchTransport()`);
}

function headersOf(native: XMLHttpRequestLike): HeadersView {
  const headers = new platform.Headers();
  for (const [, name, value] of native.getAllResponseHeaders().matchAll(/^(.+?): *(.*?)\r?$/gm))
    headers.append(name!, value!);
  return headers;
}

function answerOf(native: XMLHttpRequestLike, body: Promise<ArrayBuffer>): FetchAnswer {
  const { status, statusText, responseURL: url } = native;
  const type = url.startsWith(`${platform.location?.origin}/`) ? 'basic' : 'cors';
  return { type, status, statusText, url, headers: headersOf(native), arrayBuffer: () => body };
}

/** A `fetch` of one exchange, by XMLHttpRequest: the body comes whole, at the end. */
export function fetchByXhr(request: TransportRequest, sink: TransportSink): FetchLike {
  return async (url, options) => {
    const init = options as Init;
    refuse(request, init);
    if (init.signal.aborted) throw init.signal.reason;
    const native = new platform.XMLHttpRequest();
    native.open(init.method, url);
    native.responseType = 'arraybuffer';
    native.withCredentials = request.cookies === 'include';
    for (const [name, value] of init.headers) native.setRequestHeader(name, value);
    init.signal.addEventListener('abort', () => native.abort());
    // A listener here makes a browser ask another origin for leave first, so only where somebody looks.
    if (request.uploadProgress) {
      const tell = (event: ProgressEvent) =>
        sink.uploaded(event.loaded, event.lengthComputable ? event.total : undefined);
      native.upload.addEventListener('progress', tell);
    }
    const body = new Promise<ArrayBuffer>((resolve, reject) => {
      native.addEventListener('load', () => resolve(native.response));
      native.addEventListener('error', () => reject(new Error('XMLHttpRequest failed')));
      native.addEventListener('progress', ({ loaded }) => {
        const passed = passedLimit(request, native.status, loaded);
        if (!passed) return;
        native.abort();
        reject(passed);
      });
    });
    const head = new Promise<void>((resolve) => {
      native.addEventListener('readystatechange', () => {
        if (native.readyState === 2) resolve();
      });
    });
    native.send(init.body);
    await Promise.race([head, body]);
    return answerOf(native, body);
  };
}

/** All of the answer is held in memory, so its limit holds here too. */
function passedLimit({ limits }: TransportRequest, status: number, bytes: number): LimitError | undefined {
  const which = status < 300 ? 'bodyBytes' : 'errorBodyBytes';
  return bytes > limits[which] ? new LimitError(which, limits[which], 'the body is too long') : undefined;
}
