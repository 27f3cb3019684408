import { Buffer } from 'node:buffer';

import { ACCEPT_ENCODING } from './codings.js';
import type { BlobLike, ByteStream, FormDataLike, TransportBody, TransportRequest } from './contract.js';
import { multipart, streamed } from './multipart.js';
import { PIECE_BYTES, Upload } from './upload.js';

/** The part of a request that is made for the wire. */
export interface Outgoing {
  readonly headers: readonly string[];
  /** An {@link Upload} leaves piece by piece. */
  readonly body: string | Uint8Array | Upload | null;
}

/** What the caller said already; what was not said has a default. */
const SAID = { encoding: 1, range: 2, type: 4, length: 8 };

/** The header fields and the body to send; a stream is opened only when its first piece is asked for. */
export function outgoing(request: TransportRequest): Outgoing {
  const { headers, body } = request;
  // A client sends most of its calls with one and the same list: what has been read of that is known, 0.1 us a call.
  if (headers !== lastHeaders) read(headers);
  if (body === undefined) return { headers: lastAll, body: null };
  return withBody(request, body, lastAll, lastSaid);
}

let lastHeaders: readonly string[] | undefined;
let lastAll: readonly string[] = [];
let lastSaid = 0;

function read(headers: readonly string[]): void {
  lastHeaders = headers;
  lastSaid = saidIn(headers);
  // A piece of a coded body cannot be decoded on its own: whoever asks for a range gets the bytes themselves.
  const coding = lastSaid & SAID.range ? 'identity' : ACCEPT_ENCODING;
  lastAll = lastSaid & SAID.encoding ? headers : [...headers, 'accept-encoding', coding];
}

function saidIn(headers: readonly string[]): number {
  let said = 0;
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i]!;
    if (name.length === 15 && name.toLowerCase() === 'accept-encoding') said |= SAID.encoding;
    else if (name.length === 5 && name.toLowerCase() === 'range') said |= SAID.range;
    else if (name.length === 12 && name.toLowerCase() === 'content-type') said |= SAID.type;
    else if (name.length === 14 && name.toLowerCase() === 'content-length') said |= SAID.length;
  }
  return said;
}

function withBody(request: TransportRequest, body: TransportBody, headers: readonly string[], said: number): Outgoing {
  if (typeof body === 'string' || body instanceof Uint8Array) {
    if (!request.uploadProgress || body.length <= PIECE_BYTES) return { headers, body };
    return sending(piecesOf(typeof body === 'string' ? Buffer.from(body) : body), headers, said, undefined);
  }
  if (isForm(body)) {
    const { contentType, bytes, parts } = multipart(body);
    if (parts.length === 1) return { headers: typed(headers, said, contentType), body: parts[0] as Uint8Array };
    return sending(new Upload(() => streamed(parts), bytes), headers, said, contentType);
  }
  if (isBlob(body)) return sending(new Upload(() => body.stream() as ByteStream, body.size), headers, said, body.type);
  return sending(new Upload(() => body, request.bodyBytes), headers, said, undefined);
}

function sending(upload: Upload, headers: readonly string[], said: number, type: string | undefined): Outgoing {
  const fields = [...typed(headers, said, type)];
  if (upload.bytes !== undefined && !(said & SAID.length)) fields.push('content-length', String(upload.bytes));
  return { headers: fields, body: upload };
}

function typed(headers: readonly string[], said: number, type: string | undefined): readonly string[] {
  return type && !(said & SAID.type) ? [...headers, 'content-type', type] : headers;
}

function piecesOf(bytes: Uint8Array): Upload {
  return new Upload(async function* () {
    yield bytes;
  }, bytes.length);
}

function isForm(body: BlobLike | FormDataLike | ByteStream): body is FormDataLike {
  return Symbol.toStringTag in body && body[Symbol.toStringTag] === 'FormData';
}

function isBlob(body: BlobLike | ByteStream): body is BlobLike {
  return 'arrayBuffer' in body;
}
