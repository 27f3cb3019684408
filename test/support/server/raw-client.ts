import { request as requestHttp, type RequestOptions } from 'node:http';
import { request as requestHttps } from 'node:https';
import { connect } from 'node:net';

import { testAuthority } from './certificates.js';
import type { Pair } from './types.js';

export interface Question extends RequestOptions {
  readonly body?: string | Uint8Array;
  readonly ca?: string | readonly string[];
  /** Leaves this long after the head came. Unit: milliseconds. */
  readonly abortAfterMs?: number;
  /** Leaves as soon as the body holds this. */
  readonly abortAt?: string;
}

export interface Answer {
  readonly status: number;
  readonly reason: string;
  readonly headers: readonly Pair[];
  readonly trailers: readonly Pair[];
  readonly informed: readonly number[];
  readonly body: Buffer;
  readonly text: string;
  /** The code of what went wrong, if anything did. */
  readonly error: string | undefined;
  header(name: string): string | undefined;
}

/** A plain node:http client that follows, decodes and retries nothing. */
export function ask(url: string, { body, abortAfterMs, abortAt, ...options }: Question = {}): Promise<Answer> {
  return new Promise((resolve) => {
    const send = url.startsWith('https:') ? requestHttps : requestHttp;
    const outgoing = send(url, { agent: false, ca: testAuthority, ...options } as RequestOptions);
    const chunks: Buffer[] = [];
    const informed: number[] = [];
    let head = { status: 0, reason: '', headers: [] as Pair[] };
    let trailers: Pair[] = [];
    let error: string | undefined;
    const fail = (failure: NodeJS.ErrnoException) => (error ??= failure.code ?? failure.message);
    outgoing.on('error', fail);
    outgoing.on('information', ({ statusCode }: { statusCode: number }) => informed.push(statusCode));
    outgoing.on('response', (incoming) => {
      const { statusCode = 0, statusMessage = '' } = incoming;
      head = { status: statusCode, reason: statusMessage, headers: paired(incoming.rawHeaders) };
      incoming.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        if (abortAt !== undefined && Buffer.concat(chunks).includes(abortAt)) outgoing.destroy();
      });
      incoming.on('error', fail);
      outgoing.once('close', () => incoming.complete || (error ??= 'INCOMPLETE'));
      incoming.on('end', () => (trailers = paired(incoming.rawTrailers)));
      if (abortAfterMs !== undefined) setTimeout(() => outgoing.destroy(), abortAfterMs);
    });
    outgoing.on('close', () => setImmediate(done)); // the answer's own error comes a little later
    const done = () => {
      const whole = Buffer.concat(chunks);
      const header = (name: string) => head.headers.find(([n]) => n.toLowerCase() === name)?.[1];
      resolve({ ...head, trailers, informed, body: whole, text: whole.toString('utf8'), error, header });
    };
    outgoing.end(body);
  });
}

function paired(raw: readonly string[]): Pair[] {
  return Array.from({ length: raw.length / 2 }, (_, i) => [raw[2 * i] ?? '', raw[2 * i + 1] ?? '']);
}

/** An answer's body as JSON, of the form the test knows it has. */
export function jsonOf<T>(answer: Answer): T {
  return JSON.parse(answer.text) as T;
}

export interface Talk {
  /** Everything that came, as latin1. */
  readonly bytes: string;
  /** How the server left the connection; `open` where it had not after the time allowed. */
  readonly ended: 'fin' | 'reset' | 'open';
}

export interface TalkOptions {
  /** Stops as soon as this was received. */
  readonly until?: string;
  /** Stops after this long: for answers that end in silence. Unit: milliseconds. */
  readonly patienceMs?: number;
}

/** Bytes in, bytes out, over a bare socket. */
export function talk(port: number, text: string, { until, patienceMs = 4000 }: TalkOptions = {}): Promise<Talk> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text, 'latin1'));
    let bytes = '';
    const leave = (ended: Talk['ended']) => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ bytes, ended });
    };
    const timer = setTimeout(() => leave('open'), patienceMs);
    socket.setEncoding('latin1');
    socket.on('data', (piece: string) => {
      bytes += piece;
      if (until !== undefined && bytes.includes(until)) leave('open');
    });
    socket.on('end', () => leave('fin'));
    socket.on('error', () => leave('reset'));
  });
}

/** The request line and a host, nothing else. */
export function get(path: string, headers = ''): string {
  return `GET ${path} HTTP/1.1\r\nhost: test\r\n${headers}\r\n`;
}
