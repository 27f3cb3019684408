import { among, eventually, holds, pass, same } from './check.js';
import type { Case } from './types.js';

/** How an answer can go wrong whatever the version of HTTP. */
const broken = ['reset-before-head', 'reset-mid-body', 'fin-mid-body'] as const;

/** How an answer can go wrong in a way that no client may take for an answer. */
const malformed = [
  'reset-mid-head',
  'reset-mid-chunk',
  'fin-before-head',
  'fin-mid-chunk',
  'fin-before-last-chunk',
  'chunk-size-invalid',
  'chunk-without-crlf',
  'length-two',
  'status-garbage',
  'http-0.9',
  'h2-settings',
] as const;

/** What browsers put up with, and clients whose parser is strict do not. */
const lax = [
  'fin-mid-head',
  'chunk-size-negative',
  'chunk-size-huge',
  'length-negative',
  'length-nan',
  'length-and-chunked',
  'header-nul',
  'header-bare-cr',
  'header-space-before-colon',
  'status-letters',
  'status-101',
  'tls-alert',
] as const;

const fails = (name: string, rest: Partial<Case> = {}): Case => ({
  title: `fails when the server does ${name}`,
  ...rest,
  async run(bench) {
    const error = await bench.failure(`/bad/${name}`);
    among(error.kind, ['network', 'protocol'], 'kind');
    if (error.kind === 'network') same(error.retryable, true, 'retryable');
    same((await bench.fetch('/json')).sink.answer?.status, 200, 'the next call');
  },
});

/** Ends that are none. */
export const endingCases: readonly Case[] = [
  ...broken.map((name) => fails(name)),
  ...malformed.map((name) => fails(name, { http1: true })),
  ...lax.map((name) => fails(name, { http1: true, needs: ({ rawHeaders, trailers }) => rawHeaders && trailers })),
  {
    title: 'delivers what came before a body broke off, then fails',
    needs: ({ responseStream }) => responseStream,
    async run(bench) {
      for (const name of ['reset-mid-body', 'fin-mid-body']) {
        const { sink } = bench.open(`/bad/${name}?gap=50`, { stream: true });
        await sink.settled;
        same([sink.answer?.status, sink.text, sink.events.at(-1)], [200, 'first ten.', 'fail'], name);
      }
    },
  },
  {
    title: 'fails when the server resets a body that only the end of its connection ends',
    http1: true,
    needs: ({ decodesBody, rawHeaders }) => !decodesBody && rawHeaders,
    async run(bench) {
      const head = encodeURIComponent('HTTP/1.1 200 OK\r\n\r\n');
      same((await bench.failure(`/raw?send=${head}&send=half&gap=30&then=reset`)).kind, 'network', 'kind');
    },
  },
  {
    title: 'waits for as long as the server stalls',
    async run(bench) {
      for (const name of ['stall-before-head', 'stall-after-head', 'stall-mid-body']) {
        const { id, sink, handle } = bench.open(`/bad/${name}`);
        await bench.server.seen(id, 'arrived');
        await pass(60);
        same(sink.over, false, name);
        handle.abort();
      }
    },
  },
  {
    title: 'fails where nothing listens',
    async run(bench) {
      const error = await bench.failure(`${bench.server.refused}/`);
      same([error.kind, error.retryable], ['network', true], 'error');
    },
  },
  {
    title: 'fails when the server resets an upload',
    async run(bench) {
      const error = await bench.failure('/upload/reset?after=100000', {
        method: 'POST',
        body: new Uint8Array(20_000_000),
      });
      same(error.kind, 'network', 'kind');
    },
  },
  {
    title: 'fails during a pause and says nothing after it',
    needs: ({ pause }) => pause,
    async run(bench) {
      const { sink, handle } = bench.open('/bad/reset-mid-body?gap=30', {
        on: { head: (opened) => opened.handle.pause() },
      });
      await eventually(() => sink.events.includes('head'), 'the head');
      await pass(80);
      handle.resume();
      await sink.settled;
      same(sink.events.at(-1), 'fail', 'the last event');
      holds(sink.events.filter((event) => event === 'fail').length === 1, 'it fails once');
    },
  },
  {
    title: 'keeps many exchanges at once apart',
    async run(bench) {
      const all = await Promise.all(Array.from({ length: 100 }, (_, i) => bench.fetch(`/reply?body=number-${i}`)));
      same(
        all.map(({ sink }) => sink.text),
        all.map((_, i) => `number-${i}`),
        'bodies',
      );
    },
  },
];
