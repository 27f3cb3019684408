import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { Agent, interceptors, MockAgent, Pool } from 'undici';

import { undici } from '../../lib/transport/undici.js';
import { setUp } from '../support/contract/bench.js';
import { transportContract } from '../support/contract/index.js';
import { type Facts, startFacts } from './facts.js';

let at: Facts;
const agent = new Agent({ keepAliveTimeout: 100 });
beforeAll(async () => {
  at = await startFacts();
});
afterAll(async () => {
  await agent.close();
  await at.server.close();
});

/** What undici's own connections get wrong, and ours do not: see the decision on undici. */
const amiss = [
  'brings everything after a pause during which the server closed the connection',
  'fails when the server resets a body that only the end of its connection ends',
];

describe('undici over a dispatcher of the caller', () => {
  transportContract(
    () => undici({ dispatcher: agent }),
    { it: (title, run, timeoutMs) => it.skipIf(amiss.includes(title))(title, run, timeoutMs) },
    () => at.facts,
  );

  it('leaves the dispatcher open when it is closed itself', async () => {
    const pool = new Pool(at.server.origin);
    const [first, second] = [undici({ dispatcher: pool }), undici({ dispatcher: pool })];
    await setUp(first, at.facts).bench.fetch('/json');
    await first.close!();

    expect((await setUp(second, at.facts).bench.fetch('/json')).sink.answer?.status).toBe(200);
    await pool.close();
  });
});

describe('undici over interceptors', () => {
  it('reads repeated fields, cookies and trailers that they hand on in another form', async () => {
    const composed = agent.compose(interceptors.dns());
    const { bench, verify } = setUp(undici({ dispatcher: composed }), at.facts);
    const { headers } = (await bench.fetch('/headers/duplicate')).sink.answer!;

    expect([headers.get('x-twice'), headers.get('content-type')]).toEqual(['one, two', 'text/plain']);
    expect((await bench.fetch('/headers/cookies')).sink.answer!.headers.getSetCookie()).toHaveLength(3);
    expect((await bench.fetch('/reply?body=x&trailer=x-sum:42')).sink.trailers?.get('x-sum')).toBe('42');
    verify();
  });

  it('answers from a mock', async () => {
    const mock = new MockAgent();
    mock.disableNetConnect();
    mock
      .get('http://api.test')
      .intercept({ path: /.*/ })
      .reply(418, 'mocked', { headers: { 'x-mock': 'yes' } });
    const { bench, verify } = setUp(undici({ dispatcher: mock }), at.facts);
    const { sink } = await bench.fetch('http://api.test/tea');

    expect([sink.answer?.status, sink.text, sink.answer?.headers.get('x-mock')]).toEqual([418, 'mocked', 'yes']);
    expect(await bench.failure('http://api.test/again')).toBeInstanceOf(Error);
    await mock.close();
    verify();
  });
});
