import { eventually, holds, pass, same } from './check.js';
import { pattern, source } from './patterns.js';
import type { Case } from './types.js';

/** Uploads under way: progress, backpressure, what goes wrong. */
export const uploadCases: readonly Case[] = [
  {
    title: 'tells how much of a body has left, up to all of it',
    needs: ({ uploadProgress }) => uploadProgress,
    async run(bench) {
      const { sink } = await bench.fetch('/upload', { method: 'POST', body: pattern(1_000_000), uploadProgress: true });
      same(sink.uploads.at(-1), [1_000_000, 1_000_000], 'the last progress');
      holds(sink.events.indexOf('sent') < sink.events.indexOf('uploaded'), 'sent comes before progress');
    },
  },
  {
    title: 'tells the progress of a Blob and of a form, up to their ends',
    needs: ({ uploadProgress }) => uploadProgress,
    async run(bench) {
      const blob = new Blob([pattern(300_000) as Uint8Array<ArrayBuffer>]);
      const form = new FormData();
      form.append('file', blob, 'file.bin');
      for (const body of [blob, form]) {
        const { sink } = await bench.fetch('/upload', { method: 'POST', body, uploadProgress: true });
        const [loaded, total] = sink.uploads.at(-1) ?? [];
        same([loaded, loaded! >= 300_000], [total, true], 'the last progress');
      }
    },
  },
  {
    title: 'tells less than everything while the server takes no more',
    needs: ({ uploadProgress }) => uploadProgress,
    async run(bench) {
      const body = new Uint8Array(64_000_000);
      const { sink, handle } = bench.open('/upload/stall?after=1', { method: 'POST', body, uploadProgress: true });
      await eventually(() => sink.uploads.length > 0, 'some progress');
      await pass(200);
      const [loaded, total] = sink.uploads.at(-1)!;
      holds(total === 64_000_000 && loaded < 60_000_000, `${loaded} of ${total} have left`);
      handle.abort();
    },
  },
  {
    title: 'tells nothing where nobody asks for progress',
    async run(bench) {
      const { sink } = await bench.fetch('/upload', { method: 'POST', body: pattern(200_000) });
      same(sink.uploads, [], 'progress');
    },
  },
  {
    title: 'asks a stream for no more than the server takes',
    needs: ({ uploadStream }) => uploadStream,
    async run(bench) {
      const body = source(Infinity, 65_536);
      const { handle } = bench.open('/upload/stall?after=1', { method: 'POST', body });
      await eventually(() => body.taken > 0, 'some pieces');
      await pass(200);
      const before = body.taken;
      await pass(100);
      same(body.taken, before, 'pieces taken');
      holds(before < 500, `${before} pieces of 64 KiB were taken`);
      handle.abort();
    },
  },
  {
    title: 'lets go of a stream when the exchange is aborted',
    needs: ({ uploadStream }) => uploadStream,
    async run(bench) {
      const body = source(Infinity, 65_536);
      const { id, handle } = bench.open('/upload/slow?rate=10000000', { method: 'POST', body });
      await eventually(() => body.taken > 0, 'some pieces');
      handle.abort();
      await eventually(() => body.released, 'the stream is let go of');
      same((await bench.server.seen(id, 'over')).state, 'aborted', 'state');
    },
  },
  {
    title: 'fails with the error of the stream it was to send, or with that as the cause',
    needs: ({ uploadStream }) => uploadStream,
    async run(bench) {
      const broken = new Error('the file is gone');
      const body = source(3, 65_536, broken);
      const { id, sink } = bench.open('/upload', { method: 'POST', body });
      await sink.settled;
      const error: unknown = sink.error;
      holds(error === broken || sink.error?.cause === broken, `failed with ${String(error)}`);
      same((await bench.server.seen(id, 'over')).body.complete, false, 'the server has it all');
    },
  },
  {
    title: 'takes an answer that comes before the body was sent, and lets go of the stream',
    needs: ({ uploadStream, pause }) => uploadStream && pause,
    async run(bench) {
      const body = source(Infinity, 1_000);
      const { sink } = await bench.fetch('/upload/reject?keep=1', { method: 'POST', body });
      same(sink.answer?.status, 413, 'status');
      await eventually(() => body.released, 'the stream is let go of');
    },
  },
];
