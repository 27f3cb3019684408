import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { json } from '../../lib/codec/json.js';
import { ndjson } from '../../lib/codec/ndjson.js';
import { text } from '../../lib/codec/text.js';
import { basic } from '../../lib/http/auth.js';
import type { CallOptions } from '../../lib/http/types.js';
import { type Exchange, hasZstd, type Server, startServer } from '../support/server.js';
import { meet } from './aftermath.js';

/** Interim answers for ever, and never a final one. */
async function interim(exchange: Exchange): Promise<void> {
  for (;;) {
    await exchange.writeRaw('HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n');
    await exchange.sleep(5);
  }
}

/** A head that never ends, a letter at a time. */
async function slowHead(exchange: Exchange): Promise<void> {
  await exchange.writeRaw('HTTP/1.1 200 OK\r\nx-slow: ');
  for (;;) {
    await exchange.writeRaw('a');
    await exchange.sleep(5);
  }
}

let server: Server;
beforeAll(async () => {
  server = await startServer({ routes: { '/bad/interim': interim, '/bad/slow-head': slowHead } });
});
afterAll(() => server.close());

type Row = readonly [path: string, expected: object, call?: CallOptions];
const ok = (...values: unknown[]): object => ({ values, error: undefined });
const bad = (kind: string, more: object = {}): object => ({ values: [], error: { kind, ...more } });
const status = (code: number, ...body: unknown[]): object =>
  bad('status', { status: code, ...(body.length > 0 && { body: body[0] }) });
const timeout = (which: string): object => bad('timeout', { which });
const reply = (body: string, query = 'x'): string => `/reply?${query}&body=${encodeURIComponent(body)}`;
const raw = (...send: string[]): string => `/raw?${send.map((part) => `send=${encodeURIComponent(part)}`).join('&')}`;
const head = (...lines: string[]): string => ['HTTP/1.1 200 OK', ...lines, '', ''].join('\r\n');
const broken = ['reset-before-head', 'reset-mid-head', 'reset-mid-body', 'reset-mid-chunk', 'fin-before-head'];
const cut = ['fin-mid-head', 'fin-mid-body', 'fin-mid-chunk', 'fin-before-last-chunk'];
const unframed = [
  'chunk-size-invalid',
  'chunk-size-negative',
  'chunk-size-huge',
  'chunk-size-empty',
  'chunk-without-crlf',
];
const lengths = ['length-negative', 'length-nan', 'length-two'];
const fields = ['without-colon', 'empty-name', 'space-before-colon', 'nul', 'bare-cr', 'bare-lf', 'fold'];
const starts = [
  'status-garbage',
  'status-letters',
  'status-99',
  'status-1000',
  'status-0',
  'status-101',
  'version-9.9',
];
const others = ['http-0.9', 'h2-preface', 'h2-settings', 'tls-alert'];

const connections: Row[] = [
  ...[...broken, ...cut].map((name): Row => [`/bad/${name}`, bad('network', { phase: 'receive', retryable: true })]),
  ['/bad/stall-before-head', timeout('headers')],
  ['/bad/stall-mid-head', timeout('headers')],
  ['/bad/never', timeout('headers')],
  ['/bad/slow-head', timeout('headers')],
  ['/bad/interim', timeout('headers')],
  ['/bad/stall-after-head', timeout('idle')],
  ['/bad/stall-mid-body', timeout('idle')],
  ['/drip?bytes=endless', timeout('attempt')],
  ['/drip?bytes=endless&status=500', bad('status', { status: 500, cause: { which: 'attempt' } })],
  [
    '/ndjson?rows=endless&interval=1',
    timeout('total'),
    { timeouts: { headersMs: false, attemptMs: false, totalMs: 300 } },
  ],
  ['/ndjson?rows=1&then=stall', { values: [{ row: 1 }], error: { kind: 'timeout', which: 'idle' } }, { as: ndjson() }],
  ['/ndjson?rows=1&then=reset', { values: [{ row: 1 }], error: { kind: 'network' } }, { as: ndjson() }],
  ['/ndjson?rows=1&then=fin', { values: [{ row: 1 }], error: { kind: 'network' } }, { as: ndjson() }],
  ['/bad/close-after', ok('hello')],
  ['/bad/close-after?how=reset', ok('hello')],
  ['/bad/connection-close', ok('hello')],
  ['/bad/unasked', ok('hello')],
  ['/bad/unasked?status=408&after=0', ok('hello')],
  ['/bad/early-answer', ok('hello')],
  ['/bad/body-too-long', ok('hello')],
  ['/bad/fin-ends-body', ok('all of it')],
];

const heads: Row[] = [
  ...[...unframed, ...lengths, ...starts, ...others].map((name): Row => [
    `/bad/${name}`,
    bad('protocol', { retryable: false }),
  ]),
  ...fields.map((name): Row => [`/bad/header-${name}`, bad('protocol')]),
  ['/bad/chunk-extension', ok('hello')],
  ['/bad/transfer-encoding-unknown', ok('hello')],
  ['/bad/header-latin1', ok('hello')],
  ['/bad/header-utf8', ok('hello')],
  ['/bad/status-without-reason', ok('hello')],
  ['/bad/version-1.0', ok('hello')],
  ['/bad/status-600', status(600, 'hello')],
  ['/bad/endless-header', bad('limit', { which: 'headerBytes' })],
  ['/bad/huge-header', bad('limit', { which: 'headerBytes' })],
  ['/headers/many?count=10000', bad('limit', { which: 'headerBytes' })],
  ['/headers/many?count=1000', ok('many')],
  [raw('HTTP/1.1 103 Early\r\n\r\n', head('content-length: 2'), 'ok'), ok('ok')],
  [raw('HTTP/1.1 100 Continue\r\n\r\n', head('content-length: 2'), 'ok'), bad('protocol')], // nobody said Expect
  [raw('\r\n\r\n', head('content-length: 2'), 'ok'), ok('ok')],
  [raw(head('content-length: 18446744073709551616'), 'x'), bad('protocol')],
  [raw(head('content-length: 9007199254740993'), 'x'), bad('network')],
  [raw(head('content-length: +5'), 'hello'), bad('protocol')],
  [raw(head('content-length: 0x5'), 'hello'), bad('protocol')],
  [raw(head('transfer-encoding: chunked'), '5\r\nhel'), bad('network')],
  [raw(head('transfer-encoding: chunked, chunked'), '0\r\n\r\n'), ok('')],
  [raw(`HTTP/1.1 503 ${'x'.repeat(5000)}\r\ncontent-length: 0\r\n\r\n`), bad('status', { status: 503 })],
  [raw('HTTP/1.1 500 \u001b[31mRed\u001b[0m\r\ncontent-length: 0\r\n\r\n'), status(500)],
  [raw('HTTP/1.1 304 Not Modified\r\n\r\n'), status(304)],
  [raw('HTTP/1.1 204 None\r\n\r\n'), ok('')],
];

const encodings: Row[] = [
  ...['gzip', 'deflate', 'deflate-raw', 'br', ...(hasZstd ? ['zstd'] : [])].flatMap((as): Row[] => [
    [`/encoded?as=${as}&damage=truncate`, bad('decode')],
    [`/encoded?as=${as}&damage=truncate&chunked=1&size=200000`, bad('decode')],
    [`/encoded?as=${as}&damage=empty`, ok('')],
    [`/encoded?as=${as}&status=500&damage=truncate`, bad('status', { status: 500, cause: { kind: 'decode' } })],
    [
      `/bomb?bytes=4000000&as=${as.replace('-raw', '')}`,
      bad('limit', { which: 'bodyBytes' }),
      { timeouts: { idleMs: false, attemptMs: false }, limits: { bodyBytes: 1e6 } },
    ],
  ]),
  ['/encoded?as=gzip&damage=corrupt', bad('decode')],
  ['/encoded?as=gzip&damage=checksum', bad('decode')],
  ['/encoded?as=gzip&damage=twice', ok('{"encoded":true}{"encoded":true}')],
  ['/encoded?as=identity&header=gzip', bad('decode')],
  ['/encoded?as=gzip&header=br', bad('decode')],
  ['/encoded?as=identity&header=', ok('{"encoded":true}')],
  ['/encoded?as=identity&header=,,%20,identity', ok('{"encoded":true}')],
  ['/encoded?as=identity&header=nonsense', ok('{"encoded":true}')],
  ['/encoded?as=gzip&header=GZIP', ok('{"encoded":true}')],
  [
    `/encoded?as=identity&header=${Array.from({ length: 1000 }, () => 'gzip').join(',')}`,
    bad('limit', { which: 'encodings' }),
  ],
];

const json422 = (body: string): string => reply(body, 'status=422&type=application/problem%2Bjson');
const bodies: Row[] = [
  ['/json/invalid', bad('decode')],
  ['/json/empty', ok(undefined)],
  ['/json/bom', ok({ bom: true })],
  ['/text/invalid-utf8', bad('decode')],
  ['/text/unknown-charset', bad('decode')],
  [reply(' '), bad('decode')],
  [reply('NaN'), bad('decode')],
  [reply('\u001b]0;title\u0007'), bad('decode')],
  [reply('{"a":\u2028\u001b[31m}'), bad('decode')],
  [reply('<!doctype html>', 'type=text/html'), bad('decode')],
  [reply('['.repeat(5000)), bad('decode')],
  [reply('{"a":1}{"a":2}'), bad('decode')],
  [reply('{"__proto__":{"evil":1}}'), ok(JSON.parse('{"__proto__":{"evil":1}}'))],
  [reply('{"constructor":{"prototype":{"evil":1}}}'), ok({ constructor: { prototype: { evil: 1 } } })],
  [reply('1e999'), ok(Infinity)],
  [reply('"\\ud800"'), ok('\ud800')],
  [reply('{"cut', 'status=500&type=application/json'), status(500, '{"cut')],
  [reply('\u001b[31m', 'status=500'), status(500, '\u001b[31m')],
  [json422('{"title":"a\\n\\u001b[31mb"}'), status(422)],
  [json422(`{"title":"${'x'.repeat(5000)}"}`), status(422)],
  [json422('{"title":{}}'), bad('status', { problem: { title: {} } })],
  [json422('[1]'), status(422)],
  [json422('null'), bad('status', { body: null })],
  [reply('', 'status=503&header=retry-after:%2099999999999999999999'), status(503)],
  [reply('a\u0000b', 'type=text/plain;charset=%22'), ok('a\u0000b'), { as: text() }],
  [
    reply('{"a":1}\n{bad\n{"a":2}'),
    { values: [{ a: 1 }, { a: 2 }], error: { kind: 'decode', record: 2 } },
    { as: ndjson() },
  ],
  [
    reply('{bad\n'.repeat(200)),
    bad('decode', { message: expect.stringContaining('100 records') as string }),
    { as: ndjson() },
  ],
];

describe.each([
  ['a connection', connections, text()],
  ['a head', heads, text()],
  ['an encoding', encodings, text()],
  ['a body', bodies, json()],
])('%s of a hostile server', (_, rows, as) => {
  it.each(rows.map((row) => [row[0].slice(0, 80), row] as const))('%s', async (_name, [path, expected, call]) => {
    const secret = `${path}${path.includes('?') ? '&' : '?'}access_token=hunter2`;
    const options = { api: { auth: [basic('user', 'swordfish')] }, call: { as, ...call } };
    expect(await meet(secret, { server, ...options })).toMatchObject(expected);
  });
});
