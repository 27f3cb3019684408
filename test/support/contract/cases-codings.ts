import { among, eventually, holds, pass, same } from './check.js';
import type { Bench, Case, Opened } from './types.js';

const BODY = '{"encoded":true}';

const decodes = async (bench: Bench, query: string, body = BODY) =>
  same((await bench.fetch(`/encoded?${query}`)).sink.text, body, query);

/** Where we undo content codings ourselves, rather than a platform that may be lenient. */
const ours: Pick<Case, 'needs'> = { needs: ({ decodesBody, rawHeaders }) => !decodesBody && rawHeaders };

/** Content codings. */
export const codingCases: readonly Case[] = [
  {
    title: 'undoes gzip and deflate, with and without a length',
    async run(bench) {
      for (const name of ['gzip', 'deflate']) {
        await decodes(bench, `as=${name}`);
        await decodes(bench, `as=${name}&chunked=1`);
        await decodes(bench, `as=${name}&size=300000`, 'x'.repeat(300_000));
      }
    },
  },
  {
    title: 'undoes each coding that it asks for',
    ...ours,
    async run(bench) {
      const echo = JSON.parse((await bench.fetch('/echo')).sink.text) as { headers: readonly [string, string][] };
      const accepted = echo.headers.find(([name]) => name.toLowerCase() === 'accept-encoding')?.[1].split(', ') ?? [];
      holds(
        ['gzip', 'deflate', 'br'].every((name) => accepted.includes(name)),
        `asks for ${accepted.join(', ')}`,
      );
      for (const name of [...accepted, 'x-gzip', 'deflate-raw']) {
        await decodes(bench, `as=${name}`);
        await decodes(bench, `as=${name}&size=300000&chunked=1`, 'x'.repeat(300_000));
      }
    },
  },
  {
    title: 'undoes codings that lie on one another',
    async run(bench) {
      await decodes(bench, 'as=gzip&as=deflate&as=gzip');
      await decodes(bench, 'as=gzip&as=gzip&size=5000000', 'x'.repeat(5_000_000));
    },
  },
  {
    title: 'takes a body without a byte for whole, whatever its coding',
    ...ours,
    async run(bench) {
      for (const query of ['as=gzip&damage=empty', 'as=br&damage=empty&chunked=1']) await decodes(bench, query, '');
      const { sink } = await bench.fetch('/encoded?as=gzip', { method: 'HEAD' });
      same([sink.answer?.headers.get('content-encoding'), sink.bytes], ['gzip', 0], 'HEAD');
    },
  },
  {
    title: 'leaves a body alone whose coding nobody knows',
    async run(bench) {
      await decodes(bench, 'as=nonsense');
      await decodes(bench, 'as=identity');
    },
  },
  {
    title: 'fails when a coded body is corrupt',
    async run(bench) {
      for (const query of ['as=gzip&damage=corrupt', 'as=gzip&damage=corrupt&size=300000']) {
        among((await bench.failure(`/encoded?${query}`)).kind, ['decode', 'network'], query);
      }
    },
  },
  {
    title: 'fails when a coded body is cut short',
    ...ours,
    async run(bench) {
      for (const name of ['gzip', 'deflate', 'br']) {
        for (const more of ['', '&chunked=1', '&chunked=1&size=300000']) {
          const error = await bench.failure(`/encoded?as=${name}&damage=truncate${more}`);
          same([error.kind, error.retryable], ['decode', false], `${name}${more}`);
        }
      }
    },
  },
  {
    title: 'refuses more codings on one another than the limit allows',
    ...ours,
    async run(bench) {
      const error = await bench.failure(`/encoded?${'as=gzip&'.repeat(6)}`);
      same([error.kind, (error as { which?: string }).which], ['limit', 'encodings'], 'error');
      await decodes(bench, 'as=gzip&'.repeat(5).slice(0, -1));
    },
  },
  {
    title: 'holds what comes out of a coding while paused',
    needs: ({ pause, responseStream }) => pause && responseStream,
    async run(bench) {
      const size = 64 * 1024 * 1024;
      let paused = false;
      const chunk = ({ handle }: Opened) => {
        if (!paused) handle.pause();
        paused = true;
      };
      const { sink, handle } = bench.open(`/bomb?bytes=${size}`, { stream: true, on: { chunk } });
      await eventually(() => paused, 'a chunk');
      await pass(100);
      holds(sink.bytes < 1_000_000, `${sink.bytes} bytes came before the pause`);
      handle.resume();
      await sink.settled;
      same([sink.bytes, sink.events.at(-1)], [size, 'end'], 'body');
    },
  },
];
