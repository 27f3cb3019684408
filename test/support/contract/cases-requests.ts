import { holds, same } from './check.js';
import { pattern, source } from './patterns.js';
import type { Ask, Bench, Case } from './types.js';

interface Echo {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: { readonly bytes: number; readonly text: string; readonly sha256: string };
}

async function echoed(bench: Bench, path: string, ask: Ask): Promise<Echo> {
  return JSON.parse((await bench.fetch(path, ask)).sink.text) as Echo;
}

const field = ({ headers }: Echo, name: string) => headers.find(([given]) => given.toLowerCase() === name)?.[1];

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** What is sent: methods, paths, header fields. */
export const requestCases: readonly Case[] = [
  {
    title: 'sends the method it is given',
    async run(bench) {
      for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'QUERY']) {
        const echo = await echoed(bench, '/echo', { method });
        same([echo.method, echo.body.bytes], [method, 0], 'request');
      }
    },
  },
  {
    title: 'sends path and query as they are',
    async run(bench) {
      const path = '/echo/a%20b%2Fc/%C3%A9;p=1,2?q=%C3%A9&b=a+b%20c&b&c==&d=%26!()*~';
      const { url } = await echoed(bench, path, {});
      holds(url.startsWith(path), url);
    },
  },
  {
    title: 'sends header fields as they are',
    async run(bench) {
      const headers = [
        ['X-Plain', 'value'],
        ['X-Spaced', 'a,  b;  c="d"'],
        ['X-Empty', ''],
        ['Content-Type', 'application/vnd.api+json'],
      ] as const;
      const echo = await echoed(bench, '/echo', { method: 'POST', headers, body: '{}' });
      for (const [name, value] of headers) same(field(echo, name.toLowerCase()), value, name);
    },
  },
  {
    title: 'sends header text beyond ASCII as latin1',
    needs: ({ rawHeaders }) => rawHeaders,
    async run(bench) {
      same(field(await echoed(bench, '/echo', { headers: [['x-name', 'café']] }), 'x-name'), 'café', 'x-name');
    },
  },
  {
    title: 'sends no cookies of its own accord',
    needs: ({ rawHeaders }) => rawHeaders,
    async run(bench) {
      await bench.fetch('/headers/cookies');
      same(field(await echoed(bench, '/echo', { cookies: 'omit' }), 'cookie'), undefined, 'cookie');
    },
  },
];

/** Request bodies of every kind. */
export const bodyCases: readonly Case[] = [
  {
    title: 'sends text as UTF-8, with its length in bytes',
    async run(bench) {
      const echo = await echoed(bench, '/echo', { method: 'POST', body: 'Grüße, 漢字 😀' });
      same([echo.body.text, field(echo, 'content-length')], ['Grüße, 漢字 😀', '20'], 'body');
    },
  },
  {
    title: 'sends an empty body with the length 0',
    async run(bench) {
      for (const body of ['', new Uint8Array()]) {
        const echo = await echoed(bench, '/echo', { method: 'POST', body });
        same([echo.body.bytes, field(echo, 'content-length')], [0, '0'], 'body');
      }
    },
  },
  {
    title: 'sends the part of a buffer that a view shows',
    async run(bench) {
      const view = new TextEncoder().encode('not this, but this, and not this').subarray(10, 18);
      same((await echoed(bench, '/echo', { method: 'PUT', body: view })).body.text, 'but this', 'body');
    },
  },
  {
    title: 'sends 5 MB whole',
    async run(bench) {
      const body = pattern(5_000_000) as Uint8Array<ArrayBuffer>;
      const answer = JSON.parse((await bench.fetch('/upload', { method: 'POST', body })).sink.text);
      same([answer.bytes, answer.sha256], [5_000_000, await sha256(body)], 'upload');
    },
  },
  {
    title: 'sends a Blob with its type and length',
    async run(bench) {
      const body = new Blob(['hello ', 'blob'], { type: 'text/x-blob' });
      const echo = await echoed(bench, '/echo', { method: 'POST', body });
      same([echo.body.text, field(echo, 'content-length')], ['hello blob', '10'], 'body');
      same(field(echo, 'content-type'), 'text/x-blob', 'content-type');
    },
  },
  {
    title: 'leaves the type of a Blob to the caller where the caller names one',
    async run(bench) {
      const headers = [['Content-Type', 'text/x-mine']] as const;
      const body = new Blob(['x'], { type: 'text/x-blob' });
      same(
        field(await echoed(bench, '/echo', { method: 'POST', body, headers }), 'content-type'),
        'text/x-mine',
        'type',
      );
    },
  },
  {
    title: 'sends a form with texts and files',
    async run(bench) {
      const body = new FormData();
      body.append('plain', 'one\ntwo');
      body.append('quoted "name"', 'é');
      body.append('file', new Blob(['a,b'], { type: 'text/csv' }), 'data.csv');
      const { sink } = await bench.fetch('/upload/multipart', { method: 'POST', body });
      const { parts } = JSON.parse(sink.text) as { parts: readonly Record<string, unknown>[] };
      same(
        parts.map(({ name, filename }) => [name, filename ?? null]),
        [
          ['plain', null],
          ['quoted %22name%22', null],
          ['file', 'data.csv'],
        ],
        'parts',
      );
      same(
        parts.map(({ text }) => text),
        ['one\r\ntwo', 'é', 'a,b'],
        'texts',
      );
    },
  },
  {
    title: 'sends a stream in order and to its end',
    needs: ({ uploadStream }) => uploadStream,
    async run(bench) {
      const body = source(100, 10_000);
      const answer = JSON.parse((await bench.fetch('/upload', { method: 'POST', body })).sink.text);
      const whole = await sha256(Uint8Array.from({ length: 1_000_000 }, (_, i) => (i % 10_000) % 256));
      same([answer.bytes, answer.sha256], [1_000_000, whole], 'upload');
      holds(body.released, 'the stream is let go of');
    },
  },
];
