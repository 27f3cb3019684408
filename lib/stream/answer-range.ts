import { ProtocolError } from '../core/answer-errors.js';
import type { Head, HeadersView } from '../core/wire.js';

/** Which bytes of which representation an answer brings. */
export interface AnswerRange {
  /** The first byte; 0 where the server sends everything. */
  readonly from: number;
  /** Bytes of the whole representation, where the server says so. */
  readonly total: number | undefined;
  /** A strong entity tag; `undefined` where there is none, and then nothing can be put together. */
  readonly etag: string | undefined;
  /** Where `total` is not known: the end of the body is the end of the representation. */
  readonly isWhole: boolean;
}

/** The length that a server names when it refuses a range, in `Content-Range`. */
export function refusedLength(headers: HeadersView): number | undefined {
  const digits = /^bytes \*\/(\d+)$/i.exec(headers.get('content-range')?.trim() ?? '')?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/**
 * Reads what an answer to a request with `Range` brings.
 *
 * @throws ProtocolError when it is 206 and does not say which bytes, or others than were asked for
 */
export function answerRange({ status, headers }: Head, asked: number): AnswerRange {
  // Offsets count the bytes we see, and a coded body is another representation than the plain one.
  const isCoded = !/^(identity)?$/i.test(headers.get('content-encoding')?.trim() ?? '');
  const etag = isCoded ? undefined : strongTag(headers);
  if (status !== 206) {
    const length = isCoded ? '' : (headers.get('content-length') ?? '');
    return { from: 0, total: /^\d+$/.test(length) ? Number(length) : undefined, etag, isWhole: true };
  }
  const field = headers.get('content-range') ?? '';
  const [, first, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/i.exec(field.trim()) ?? [];
  if (first === undefined || Number(first) !== asked || isCoded) {
    const what = isCoded ? 'a coded piece' : `content-range ${JSON.stringify(field.slice(0, 100))}`;
    throw new ProtocolError(`asked for the bytes from ${asked}, the server answered 206 with ${what}`, {
      transient: false,
    });
  }
  return { from: asked, total: total === '*' ? undefined : Number(total), etag, isWhole: false };
}

function strongTag(headers: HeadersView): string | undefined {
  const tag = headers.get('etag')?.trim();
  return tag !== undefined && /^"[\x21\x23-\x7e\x80-\xff]*"$/.test(tag) ? tag : undefined;
}

/** The SHA-256 of `Repr-Digest` (RFC 9530), as hexadecimal digits. */
export function reprDigest(headers: HeadersView): string | undefined {
  const coded = /(?:^|,)\s*sha-256=:([A-Za-z0-9+/]{43}=):/.exec(headers.get('repr-digest') ?? '')?.[1];
  if (coded === undefined) return undefined;
  return Array.from(atob(coded), (char) => char.charCodeAt(0).toString(16).padStart(2, '0')).join('');
}
