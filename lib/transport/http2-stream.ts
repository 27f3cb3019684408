import { Buffer } from 'node:buffer';
import { validateHeaderName, validateHeaderValue } from 'node:http';
import { type ClientHttp2Session, type ClientHttp2Stream, constants } from 'node:http2';

import type { Dispatch, LineHandler } from './line.js';
import { Upload } from './upload.js';

/** One stream of an HTTP/2 session, driving the handler as undici drives it over HTTP/1.1. */
export class Http2Stream {
  readonly #handler: LineHandler;
  readonly #stream: ClientHttp2Stream;
  readonly #closed: () => void;
  /** Where the body is a stream: node's `close` would end the body well, and the server take a part for all. */
  readonly #cut: AbortController | undefined;
  #over = false;
  #trailers: readonly string[] = [];

  constructor(session: ClientHttp2Session, options: Dispatch, handler: LineHandler, closed: () => void) {
    this.#handler = handler;
    this.#closed = closed;
    const { body } = options;
    this.#cut = body instanceof Upload ? new AbortController() : undefined;
    const signal = this.#cut && { signal: this.#cut.signal };
    this.#stream = session.request(fieldsOf(options), { endStream: body === null, ...signal });
    this.#listen();
    handler.onConnect(() => this.#abort());
    if (!this.#over) this.#send(body);
  }

  #listen(): void {
    const stream = this.#stream;
    stream.on('response', (fields, _flags, raw: readonly string[]) => this.#head(fields[':status'] ?? 0, raw));
    stream.on('trailers', (_fields, _flags, raw: readonly string[]) => {
      this.#trailers = raw;
    });
    stream.on('end', () => this.#end());
    stream.on('error', (error) => this.#fail(error));
    stream.on('close', () => {
      this.#fail(new Error(`the stream was closed with code ${stream.rstCode}`));
      this.#closed();
    });
  }

  #head(status: number, raw: readonly string[]): void {
    if (this.#over) return;
    const stream = this.#stream;
    stream.on('data', (chunk: Buffer) => {
      if (!this.#over && !this.#handler.onData(chunk)) stream.pause();
    });
    if (!this.#handler.onHeaders(status, rawOf(raw), () => void stream.resume(), '') && !this.#over) {
      stream.pause();
    }
  }

  /** node ends a stream that was reset like one that is complete: only the code tells them apart. */
  #end(): void {
    const stream = this.#stream;
    if (this.#over || (stream.closed && stream.rstCode !== constants.NGHTTP2_NO_ERROR)) return;
    this.#over = true;
    this.#handler.onComplete(rawOf(this.#trailers));
    // Answered before the request was sent: the rest of it is not wanted.
    if (!stream.writableEnded) this.#reset();
  }

  #fail(error: unknown): void {
    if (this.#over) return;
    this.#over = true;
    this.#reset();
    this.#handler.onError(error);
  }

  #abort(): void {
    this.#over = true;
    this.#reset();
  }

  #reset(): void {
    if (this.#cut) return this.#cut.abort();
    this.#stream.close(constants.NGHTTP2_CANCEL);
    // Else it would wait until somebody has read the rest of it.
    this.#stream.destroy();
  }

  #send(body: Dispatch['body']): void {
    if (body instanceof Upload) return void this.#pump(body);
    if (body !== null) {
      const bytes = typeof body === 'string' ? Buffer.from(body) : body;
      this.#stream.end(bytes);
      this.#handler.onBodySent(bytes);
    }
    this.#handler.onRequestSent();
  }

  async #pump(body: Upload): Promise<void> {
    try {
      for await (const chunk of body) {
        if (this.#over) return;
        const welcome = this.#stream.write(chunk);
        this.#handler.onBodySent(chunk);
        if (!welcome) await this.#drained();
      }
      if (this.#over) return;
      this.#stream.end();
      this.#handler.onRequestSent();
    } catch (error) {
      this.#fail(error);
    }
  }

  #drained(): Promise<void> {
    const stream = this.#stream;
    return new Promise((resolve) => {
      if (stream.destroyed) return resolve();
      const settle = (): void => {
        stream.off('drain', settle);
        stream.off('close', settle);
        resolve();
      };
      stream.on('drain', settle);
      stream.on('close', settle);
    });
  }
}

type Fields = Record<string, string | string[]>;

function fieldsOf({ origin, path, method, headers, body }: Dispatch): Fields {
  const { protocol, host } = new URL(origin);
  const fields: Fields = Object.create(null) as Fields;
  fields[constants.HTTP2_HEADER_METHOD] = method;
  fields[constants.HTTP2_HEADER_SCHEME] = protocol.slice(0, -1);
  fields[constants.HTTP2_HEADER_AUTHORITY] = host;
  fields[constants.HTTP2_HEADER_PATH] = path;
  if (body !== null && !(body instanceof Upload)) fields['content-length'] = String(Buffer.byteLength(body));
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i]!.toLowerCase();
    const value = headers[i + 1]!;
    const before = fields[name];
    // node checks what it sends over HTTP/1.1 only, and a line end that passes here may split a request further on.
    validateHeaderName(name);
    validateHeaderValue(name, value);
    if (name === 'host') fields[constants.HTTP2_HEADER_AUTHORITY] = value;
    else if (before === undefined || name === 'content-length') fields[name] = value;
    else fields[name] = [before, value].flat();
  }
  return fields;
}

/** node's flat list of names and values, without pseudo fields, in the form that undici has them. */
function rawOf(fields: readonly string[]): Buffer[] {
  const raw: Buffer[] = [];
  for (let i = 0; i + 1 < fields.length; i += 2) {
    if (fields[i]!.startsWith(':')) continue;
    raw.push(Buffer.from(fields[i]!, 'latin1'), Buffer.from(fields[i + 1]!, 'latin1'));
  }
  return raw;
}
