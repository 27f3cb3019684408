import { eventually, holds, pass, same } from './check.js';
import { patterned } from './patterns.js';
import type { Case, Opened } from './types.js';

const SIZE = 30_000_000;

/** Heads of answers, by how the body after them ends. */
const framings = {
  'a length': 'content-length: 10\r\n',
  'a length, and a connection that closes': 'connection: close\r\ncontent-length: 10\r\n',
  'its connection': 'connection: close\r\n',
};

/** Sends `head`, ten bytes, and leaves `then` so. */
const leaving = (head: string, then: 'fin' | 'reset') =>
  `/raw?send=${encodeURIComponent(`HTTP/1.1 200 OK\r\n${head}\r\n`)}&send=first%20ten.&gap=30&then=${then}`;

/** Pause and resume, and how far they reach. */
export const flowCases: readonly Case[] = [
  {
    title: 'delivers nothing between pause in the head and resume',
    async run(bench) {
      const { sink, handle } = bench.open('/json', { on: { head: (opened) => opened.handle.pause() } });
      await eventually(() => sink.events.includes('head'), 'the head');
      await pass(50);
      same(sink.events.at(-1), 'head', 'the last event');
      handle.resume();
      await sink.settled;
      same(JSON.parse(sink.text).ok, true, 'the body after resume');
    },
  },
  {
    title: 'holds the end of a body that came during a pause',
    async run(bench) {
      const { sink, handle } = bench.open('/json', { on: { chunk: (opened) => opened.handle.pause() } });
      await eventually(() => sink.events.includes('chunk'), 'the body');
      await pass(50);
      same(sink.over, false, 'over');
      handle.resume();
      await sink.settled;
      same(sink.events.at(-1), 'end', 'the last event');
    },
  },
  {
    title: 'holds the end of an answer without a body',
    async run(bench) {
      for (const [method, path] of [
        ['GET', '/no-content'],
        ['HEAD', '/json'],
        ['GET', '/reply?body='],
      ] as const) {
        const { sink, handle } = bench.open(path, { method, on: { head: (opened) => opened.handle.pause() } });
        await eventually(() => sink.events.includes('head'), 'the head');
        await pass(30);
        same(sink.over, false, `over, ${method} ${path}`);
        handle.resume();
        await sink.settled;
      }
    },
  },
  {
    title: 'loses nothing by pause and resume at every chunk',
    async run(bench) {
      const chunk = ({ handle }: Opened) => {
        handle.pause();
        setTimeout(() => handle.resume(), 0);
      };
      const { sink } = await bench.fetch('/bytes?size=3000000', { on: { chunk } });
      same([sink.bytes, patterned(sink.chunks)], [3_000_000, true], 'body');
    },
  },
  {
    title: 'takes pause and resume in one go for neither',
    async run(bench) {
      const both = ({ handle }: Opened) => {
        handle.pause();
        handle.resume();
        handle.resume();
      };
      const { sink } = await bench.fetch('/bytes?size=1000000', { on: { head: both, chunk: both } });
      same([sink.bytes, patterned(sink.chunks)], [1_000_000, true], 'body');
    },
  },
  {
    title: 'goes on when resumed from inside another exchange',
    async run(bench) {
      const first = bench.open('/bytes?size=1000000', { on: { head: ({ handle }) => handle.pause() } });
      await eventually(() => first.sink.events.includes('head'), 'the head');
      const resume = () => first.handle.resume();
      await Promise.all([
        bench.fetch('/bytes?size=200000', { on: { chunk: resume, head: resume } }),
        first.sink.settled,
      ]);
      same([first.sink.bytes, patterned(first.sink.chunks)], [1_000_000, true], 'body');
    },
  },
  {
    title: 'holds the server back while paused, and brings everything after resume',
    needs: ({ pause }) => pause,
    async run(bench) {
      let held = false;
      const chunk = ({ handle }: Opened) => {
        if (!held) handle.pause();
        held = true;
      };
      const { id, sink, handle } = bench.open(`/bytes?size=${SIZE}`, { stream: true, on: { chunk } });
      const seen = await bench.server.seen(id, 'held');
      holds(seen.wrote < SIZE, `the server wrote ${seen.wrote} bytes`);
      holds(sink.bytes <= 1_000_000, `${sink.bytes} bytes came before the pause`);
      handle.resume();
      await sink.settled;
      same([sink.bytes, patterned(sink.chunks)], [SIZE, true], 'body');
    },
  },
  {
    title: 'brings everything after a pause during which the server closed the connection',
    http1: true,
    async run(bench) {
      for (const [name, head] of Object.entries(framings)) {
        for (const at of ['head', 'chunk'] as const) {
          const opened = bench.open(leaving(head, 'fin'), { on: { [at]: ({ handle }: Opened) => handle.pause() } });
          await eventually(() => opened.sink.events.includes(at), at);
          await pass(90);
          opened.handle.resume();
          await opened.sink.settled;
          same(
            [opened.sink.error?.message, opened.sink.text],
            [undefined, 'first ten.'],
            `${name}, paused in the ${at}`,
          );
        }
      }
    },
  },
  {
    title: 'ends once, one way or the other, when the server resets the connection during a pause',
    http1: true,
    async run(bench) {
      for (const head of Object.values(framings)) {
        const opened = bench.open(leaving(head, 'reset'), { on: { chunk: ({ handle }) => handle.pause() } });
        await eventually(() => opened.sink.events.includes('chunk') || opened.sink.over, 'the chunk');
        await pass(90);
        opened.handle.resume();
        await opened.sink.settled;
      }
    },
  },
  {
    title: 'does not hold other exchanges back while one is paused',
    async run(bench) {
      const { sink } = bench.open('/bytes?size=5000000', { on: { head: ({ handle }) => handle.pause() } });
      await eventually(() => sink.events.includes('head'), 'the head');
      same((await bench.fetch('/bytes?size=500000')).sink.bytes, 500_000, 'the other body');
    },
  },
];
