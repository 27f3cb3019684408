import { among, same } from './check.js';
import type { Case } from './types.js';

const byUs: Pick<Case, 'needs'> = { needs: ({ redirects }) => redirects === 'manual' };
const byPlatform: Pick<Case, 'needs'> = { needs: ({ redirects }) => redirects === 'platform' };

/** Redirects: ours to follow, or the platform's. */
export const redirectCases: readonly Case[] = [
  {
    title: 'hands a redirect up as an answer, with its body',
    ...byUs,
    async run(bench) {
      for (const status of [301, 302, 303, 307, 308]) {
        for (const redirect of ['manual', 'follow', 'error'] as const) {
          const { sink } = await bench.fetch(`/redirect?to=/echo&status=${status}&body=moved`, { redirect });
          same([sink.answer?.status, sink.answer?.headers.get('location')], [status, '/echo'], 'redirect');
          same([sink.text, sink.answer?.redirected ?? false], ['moved', false], 'its body');
        }
      }
    },
  },
  {
    title: 'follows redirects where the caller allows it, and tells where they led',
    ...byPlatform,
    async run(bench) {
      const { sink } = await bench.fetch('/redirect/chain?n=3&to=/json', { redirect: 'follow' });
      same([sink.answer?.status, sink.answer?.redirected], [200, true], 'answer');
      same(sink.answer?.url, `${bench.server.origin}/json`, 'url');
    },
  },
  {
    title: 'fails at a redirect that the caller does not allow',
    ...byPlatform,
    async run(bench) {
      for (const redirect of ['manual', 'error'] as const) {
        among((await bench.failure('/redirect?to=/json', { redirect })).kind, ['redirect', 'network'], redirect);
      }
    },
  },
  {
    title: 'shows 300 and 304 as they are',
    async run(bench) {
      same((await bench.fetch('/reply?status=300&body=choose')).sink.answer?.status, 300, 'status');
      same((await bench.fetch('/no-content?status=304')).sink.answer?.status, 304, 'status');
    },
  },
];
