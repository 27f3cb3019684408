import { ProtocolError, StatusError } from '../core/answer-errors.js';
import type { HeadersView } from '../core/wire.js';

/** What a server says that it can do. */
export interface UploadServer {
  readonly extensions: ReadonlySet<string>;
  readonly checksums: ReadonlySet<string>;
  readonly mostBytes: number;
}

/** What a server can do that says nothing. */
export const PLAIN_SERVER: UploadServer = { extensions: new Set(), checksums: new Set(), mostBytes: Infinity };

/** A way to speak of resumable uploads. Fields are names and values by turns. */
export interface UploadDialect {
  /** Sent with every request. */
  readonly common: readonly string[];
  /** Whether a server is asked what it can do. */
  readonly discovers: boolean;
  /** An upload is complete when the server has been told so, and not just when it has every byte. */
  readonly saysComplete: boolean;
  readonly contentType: string;
  create(size: number | undefined, metadata: string): string[];
  /** @param size - bytes in all, where the creation did not say it and it is known now */
  append(offset: number, isLast: boolean, size: number | undefined): string[];
}

/** @see tus resumable upload protocol 1.0.0 */
export const TUS: UploadDialect = {
  common: ['tus-resumable', '1.0.0'],
  discovers: true,
  saysComplete: false,
  contentType: 'application/offset+octet-stream',
  create: (size, metadata) => [
    ...(size === undefined ? ['upload-defer-length', '1'] : ['upload-length', String(size)]),
    ...(metadata ? ['upload-metadata', metadata] : []),
  ],
  append: (offset, _, size) => [
    'upload-offset',
    String(offset),
    ...(size === undefined ? [] : ['upload-length', String(size)]),
  ],
};

/**
 * A subset that works over any HTTP client: the upload is created empty, since the interim answer 104 that names it
 * while it is sent cannot be seen there.
 *
 * @see draft-ietf-httpbis-resumable-upload-11, interop version 8
 */
export const DRAFT_11: UploadDialect = {
  common: ['upload-draft-interop-version', '8'],
  discovers: false,
  saysComplete: true,
  contentType: 'application/partial-upload',
  create: (size) => ['upload-complete', '?0', ...(size === undefined ? [] : ['upload-length', String(size)])],
  append: (offset, isLast) => ['upload-offset', String(offset), 'upload-complete', isLast ? '?1' : '?0'],
};

/** Reads the answer to OPTIONS. */
export function readServer(headers: HeadersView): UploadServer {
  const list = (name: string): Set<string> =>
    new Set((headers.get(name) ?? '').split(',').map((word) => word.trim().toLowerCase()));
  const most = headers.get('tus-max-size') ?? '';
  return {
    extensions: list('tus-extension'),
    checksums: list('tus-checksum-algorithm'),
    mostBytes: /^\d+$/.test(most) ? Number(most) : Infinity,
  };
}

/** A whole number in a field; `undefined` when it is absent. @throws ProtocolError when it is something else */
export function numberIn(headers: HeadersView, name: string): number | undefined {
  const value = headers.get(name)?.trim();
  if (value === undefined) return undefined;
  if (/^\d{1,15}$/.test(value)) return Number(value);
  throw new ProtocolError(`${name} ${JSON.stringify(value.slice(0, 100))} is not a number of bytes`, {
    transient: false,
  });
}

/** When the server drops the upload, on our clock: its own may be wrong, so that what counts is the time in between. */
export function expiryOf(headers: HeadersView, nowMs: number): number | undefined {
  const at = Date.parse(headers.get('upload-expires') ?? '');
  if (Number.isNaN(at)) return undefined;
  const serverMs = Date.parse(headers.get('date') ?? '');
  if (!Number.isNaN(serverMs)) return nowMs + at - serverMs;
  // A page of another origin is shown no Date as a rule. What ends before it begins comes of a clock that is wrong.
  return at > nowMs ? at : undefined;
}

/** Keys and values as tus writes them. */
export function writeMetadata(metadata: Readonly<Record<string, string>>): string {
  const encoder = new TextEncoder();
  const coded = (value: string): string =>
    btoa(Array.from(encoder.encode(value), (n) => String.fromCharCode(n)).join(''));
  return Object.entries(metadata)
    .map(([key, value]) => (value === '' ? key : `${key} ${coded(value)}`))
    .join(',');
}

const EXPLAINED: Readonly<Record<number, (headers: HeadersView) => string>> = {
  412: (headers) => `the server does not speak tus 1.0.0 but ${headers.get('tus-version') ?? 'another version'}`,
  413: (headers) =>
    `the upload is larger than the server takes (Tus-Max-Size: ${headers.get('tus-max-size') ?? 'unknown'})`,
  415: () => 'the server does not take this content type: its resource is no upload, or it speaks another protocol',
};

/** The same error, with what its status means to an upload. */
export function explained(error: unknown): unknown {
  if (!(error instanceof StatusError) || !Object.hasOwn(EXPLAINED, error.status)) return error;
  const { status, headers, body, problem, request, attempts } = error;
  const message = `the server answered ${status}: ${EXPLAINED[status]!(headers)}`;
  return new StatusError(status, message, { headers, body, problem, request, attempts, cause: error });
}

/** Why a resource is given up although the server was not asked. */
export class ExpiredUpload extends ProtocolError {}

/** Whether an answer says that the upload resource is no more. */
export function isGone(error: unknown): boolean {
  if (error instanceof ExpiredUpload) return true;
  return error instanceof StatusError && (error.status === 404 || error.status === 410);
}
