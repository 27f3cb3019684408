import { eventually, holds, same } from './check.js';
import { patterned } from './patterns.js';
import type { Case } from './types.js';

/** What comes back: status, header fields, bodies. */
export const answerCases: readonly Case[] = [
  {
    title: 'brings sent, one head, the body and one end, in this order',
    async run(bench) {
      const { sink } = await bench.fetch('/json');
      same([...new Set(sink.events)], ['sent', 'head', 'chunk', 'end'], 'events');
      same(sink.answer?.status, 200, 'status');
      same(sink.answer?.headers.get('content-type'), 'application/json', 'content-type');
      same(JSON.parse(sink.text), { ok: true, list: [1, 2, 3], text: '€' }, 'body');
    },
  },
  {
    title: 'hands an error status up as an answer like any other',
    async run(bench) {
      for (const status of [400, 404, 429, 500, 503, 599]) {
        const { sink } = await bench.fetch(`/reply?status=${status}&body=sorry`);
        same([sink.answer?.status, sink.text], [status, 'sorry'], 'answer');
      }
    },
  },
  {
    title: 'keeps the reason phrase',
    http1: true,
    async run(bench) {
      const { sink } = await bench.fetch('/reply?status=299&reason=Quite%20Fine');
      same(sink.answer?.statusText, 'Quite Fine', 'statusText');
    },
  },
  {
    title: 'ends an empty body without a chunk',
    async run(bench) {
      for (const path of [
        '/reply?body=',
        '/reply?body=&length=no',
        '/no-content?status=204',
        '/no-content?status=205',
      ]) {
        const { sink } = await bench.fetch(path);
        same([sink.events.includes('chunk'), sink.events.at(-1)], [false, 'end'], path);
      }
    },
  },
  {
    title: 'reads the head alone of an answer to HEAD',
    async run(bench) {
      const { sink } = await bench.fetch('/bytes?size=1000', { method: 'HEAD' });
      same(sink.answer?.headers.get('content-length'), '1000', 'content-length');
      same(sink.bytes, 0, 'bytes');
    },
  },
  {
    title: 'brings 5 MB whole, with and without a length',
    async run(bench) {
      for (const length of ['yes', 'no']) {
        const { sink } = await bench.fetch(`/bytes?size=5000000&length=${length}`);
        same(sink.bytes, 5_000_000, 'bytes');
        holds(patterned(sink.chunks), 'every byte is in its place');
      }
    },
  },
  {
    title: 'delivers a chunk when it comes, not when the body ends',
    needs: ({ responseStream }) => responseStream,
    async run(bench) {
      const { sink } = bench.open('/chunks?chunk=first&then=stall', { stream: true });
      await eventually(() => sink.text === 'first', 'the chunk');
    },
  },
  {
    title: 'takes a body without a length for whole when the connection is closed after it',
    http1: true,
    async run(bench) {
      same((await bench.fetch('/bad/fin-ends-body')).sink.text, 'all of it', 'body');
      same((await bench.fetch('/bad/version-1.0')).sink.text, 'hello', 'body of HTTP/1.0');
    },
  },
  {
    title: 'does not show informational answers',
    needs: ({ rawHeaders }) => rawHeaders,
    async run(bench) {
      const { sink } = await bench.fetch('/reply?info=102&info=103&body=final');
      same([sink.answer?.status, sink.text], [200, 'final'], 'answer');
    },
  },
  {
    title: 'brings the trailers with the end',
    needs: ({ trailers }) => trailers,
    async run(bench) {
      const { sink } = await bench.fetch('/reply?body=text&trailer=x-sum:42&trailer=x-more:yes');
      same([sink.trailers?.get('x-sum'), sink.trailers?.get('X-More')], ['42', 'yes'], 'trailers');
      same((await bench.fetch('/json')).sink.trailers, undefined, 'trailers of an answer without');
    },
  },
];

const some = (headers: Iterable<readonly [string, string]> | undefined, name: string) =>
  [...(headers ?? [])].filter(([field]) => field === name).map(([, value]) => value);

/** Header fields of answers. */
export const headerCases: readonly Case[] = [
  {
    title: 'finds a header field whatever the case of its name',
    async run(bench) {
      const { headers } = (await bench.fetch('/reply?header=X-Mixed:yes&type=text/plain')).sink.answer!;
      same(
        ['x-mixed', 'X-MIXED', 'X-Mixed'].map((name) => headers.get(name)),
        ['yes', 'yes', 'yes'],
        'get',
      );
      same([headers.has('CONTENT-TYPE'), headers.has('x-absent')], [true, false], 'has');
      same(headers.get('x-absent'), null, 'an absent field');
    },
  },
  {
    title: 'joins repeated fields and lists each under its name in lower case',
    async run(bench) {
      const { headers } = (await bench.fetch('/headers/duplicate')).sink.answer!;
      same(headers.get('x-twice'), 'one, two', 'x-twice');
      same(headers.get('cache-control'), 'no-store, no-transform', 'cache-control');
      same(some(headers, 'x-twice').join(', '), 'one, two', 'x-twice in the list');
    },
  },
  {
    title: 'keeps cookies apart',
    needs: ({ rawHeaders }) => rawHeaders,
    async run(bench) {
      const cookies = (await bench.fetch('/headers/cookies')).sink.answer!.headers.getSetCookie();
      same(
        cookies.map((cookie) => cookie.split(';')[0]),
        ['first=1', 'second=2', 'third=a,b=c'],
        'cookies',
      );
    },
  },
  {
    title: 'reads header text byte by byte, without the blanks around it',
    http1: true,
    async run(bench) {
      const { sink } = await bench.fetch('/bad/header-latin1');
      same(sink.answer!.headers.get('x-latin1'), 'café', 'x-latin1');
    },
  },
];
