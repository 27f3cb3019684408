import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { TransportBody } from '../../lib/transport/contract.js';
import { undici, type UndiciOptions } from '../../lib/transport/undici.js';
import { setUp } from '../support/contract/bench.js';
import { eventually, pass } from '../support/contract/check.js';
import { source } from '../support/contract/patterns.js';
import type { Ask, Opened } from '../support/contract/types.js';
import { testAuthority } from '../support/server.js';
import { type Facts, startFacts } from './facts.js';

let at: Facts;
beforeAll(async () => {
  at = await startFacts();
});
afterAll(() => at.server.close());

const post = (body: TransportBody): Ask => ({ method: 'POST', body });

/** What an exchange may be, and the bytes it brings when it ends well; `undefined` when it must fail. */
const kinds: Readonly<Record<string, readonly [path: string, ask: () => Ask, bytes: number | undefined]>> = {
  small: ['/reply?body=small', () => ({}), 5],
  slow: ['/reply?body=slow&headDelay=10', () => ({}), 4],
  large: ['/bytes?size=300000', () => ({}), 300_000],
  coded: ['/encoded?as=gzip&size=100000', () => ({}), 100_000],
  stream: ['/drip?bytes=5', () => ({ stream: true }), 5],
  upload: ['/no-content', () => post(source(3, 50_000)), 0],
  closing: ['/bad/connection-close', () => ({}), 5],
  reset: ['/bad/reset-mid-body', () => ({}), undefined],
  cut: ['/bad/fin-mid-body', () => ({}), undefined],
};

/** When it is aborted: never, at once, after so many milliseconds, or inside its head. */
const abort = fc.constantFrom('never', 'never', 'never', 'now', 'later', 'head');
const step = fc.record({ kind: fc.constantFrom(...Object.keys(kinds)), abort, pause: fc.boolean() });

type Step = { kind: string; abort: string; pause: boolean };

const pauses = ({ handle }: Opened) => {
  handle.pause();
  setTimeout(() => handle.resume(), 1);
};

async function churn(options: UndiciOptions, origin: string, steps: readonly Step[]): Promise<void> {
  (await import('node:fs')).writeFileSync('/tmp/us/last.json', JSON.stringify({ origin, steps }));
  const transport = undici(options);
  const { bench, verify } = setUp(transport, { ...at.facts, origin });
  const all = steps.map(({ kind, abort: when, pause }) => {
    const [path, ask] = kinds[kind]!;
    const head = when === 'head' ? ({ handle }: Opened) => handle.abort() : pause ? pauses : () => {};
    const opened = bench.open(path, { ...ask(), on: { head, chunk: pause ? pauses : () => {} } });
    if (when === 'now') opened.handle.abort();
    if (when === 'later') void pass(3).then(() => opened.sink.over || opened.handle.abort());
    return { opened, bytes: kinds[kind]![2], aborted: when !== 'never' };
  });
  await Promise.all(all.filter(({ aborted }) => !aborted).map(({ opened }) => opened.sink.settled)).catch((e) => { console.log('NOT SETTLED', String(e), JSON.stringify(steps)); throw e });
  await pass(5);
  const late = setTimeout(() => console.log('CLOSE HANGS', JSON.stringify(steps), all.map(({opened}) => opened.sink.events.join()), at.server.sockets(), at.server.busy()), 3000); await transport.close!(); clearTimeout(late);
  for (const { opened, bytes, aborted } of all) {
    if (!aborted) expect(opened.sink.error ? undefined : opened.sink.bytes).toBe(bytes);
  }
  verify();
}

describe('undici under calls of every kind at once', () => {
  const connections = 3;
  const setups: readonly (readonly [string, UndiciOptions, () => string])[] = [
    ['HTTP/1.1', { connections }, () => at.server.origin],
    ['TLS', { connections, tls: { ca: testAuthority } }, () => at.server.secure.origin],
    ['HTTP/2', { connections, http2: true, tls: { ca: testAuthority } }, () => at.server.h2.origin],
  ];

  it.each(setups)(
    'loses none of them, mixes none up and leaves nothing behind over %s',
    async (_name, options, origin) => {
      for (let i = 0; i < 1500; i++) await churn(options, origin(), [{"kind":"slow","abort":"now","pause":true},{"kind":"small","abort":"never","pause":false},{"kind":"coded","abort":"now","pause":false},{"kind":"upload","abort":"never","pause":true},{"kind":"small","abort":"later","pause":true}]);
    },
    100_000,
  );
});
