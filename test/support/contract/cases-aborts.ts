import { eventually, pass, same } from './check.js';
import type { Bench, Case, Opened } from './types.js';

/** The server sees the client leave, and the sink hears nothing more. */
async function isLeft(bench: Bench, { id }: Opened): Promise<void> {
  same((await bench.server.seen(id, 'over')).state, 'aborted', 'what the server saw');
  await pass(20); // what comes now is a fault that the recorder notes
}

const abort = ({ handle }: Opened) => handle.abort();

/** Abort, at every moment of an exchange. */
export const abortCases: readonly Case[] = [
  {
    title: 'says nothing when aborted at once',
    async run(bench) {
      const { sink, handle } = bench.open('/json');
      handle.abort();
      await pass(50);
      same(sink.events, [], 'events');
    },
  },
  {
    title: 'aborts while the request is beginning to leave',
    async run(bench) {
      const { sink } = bench.open('/bad/stall-before-head', { on: { sent: abort } });
      await eventually(() => sink.events.length > 0, 'sent');
      await pass(50);
      same(sink.events, ['sent'], 'events');
    },
  },
  {
    title: 'aborts while the server thinks, and the server sees it',
    async run(bench) {
      const opened = bench.open('/bad/stall-before-head');
      await bench.server.seen(opened.id, 'arrived');
      opened.handle.abort();
      await isLeft(bench, opened);
    },
  },
  {
    title: 'aborts from inside the head, and the server sees it',
    async run(bench) {
      const opened = bench.open('/drip?bytes=endless', { stream: true, on: { head: abort } });
      await isLeft(bench, opened);
      same(opened.sink.events.at(-1), 'head', 'the last event');
    },
  },
  {
    title: 'aborts from inside a chunk, and the server sees it',
    needs: ({ responseStream }) => responseStream,
    async run(bench) {
      const opened = bench.open('/drip?bytes=endless', { stream: true, on: { chunk: abort } });
      await isLeft(bench, opened);
      same(opened.sink.events.at(-1), 'chunk', 'the last event');
    },
  },
  {
    title: 'aborts a body that stalls, and the server sees it',
    async run(bench) {
      const opened = bench.open('/chunks?chunk=first&then=stall');
      await eventually(() => opened.sink.events.includes('head'), 'the head');
      opened.handle.abort(new Error('too slow'));
      await isLeft(bench, opened);
    },
  },
  {
    title: 'aborts while paused, and the server sees it',
    async run(bench) {
      const on = { head: ({ handle }: Opened) => handle.pause() };
      const opened = bench.open('/bytes?size=30000000', { stream: true, on });
      await eventually(() => opened.sink.events.includes('head'), 'the head');
      opened.handle.abort();
      opened.handle.resume();
      await isLeft(bench, opened);
    },
  },
  {
    title: 'aborts an upload, and the server sees it',
    async run(bench) {
      const opened = bench.open('/upload/slow?rate=10000000', { method: 'POST', body: new Uint8Array(60_000_000) });
      await bench.server.seen(opened.id, 'arrived');
      opened.handle.abort();
      await isLeft(bench, opened);
    },
  },
  {
    title: 'takes a second abort, and one after the end, for nothing',
    async run(bench) {
      const { handle } = await bench.fetch('/json');
      handle.abort();
      const other = bench.open('/bad/stall-before-head');
      await bench.server.seen(other.id, 'arrived');
      other.handle.abort();
      other.handle.abort();
      await isLeft(bench, other);
      same((await bench.fetch('/json')).sink.answer?.status, 200, 'the next call');
    },
  },
  {
    title: 'aborts one of many and leaves the others alone',
    async run(bench) {
      const others = Array.from({ length: 5 }, () => bench.open('/drip?bytes=40&interval=2'));
      const one = bench.open('/drip?bytes=endless');
      await eventually(() => one.sink.events.includes('head'), 'the head');
      one.handle.abort();
      await Promise.all(others.map(({ sink }) => sink.settled));
      same(
        others.map(({ sink }) => sink.bytes),
        [40, 40, 40, 40, 40],
        'the others',
      );
    },
  },
];
