import { firstValueFrom, from, Observable, of, Subject, throwError } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createBudget } from '../../lib/core/budget.js';
import { NetworkError } from '../../lib/core/errors.js';
import { type Api, createApi } from '../../lib/http/api.js';
import { text } from '../../lib/codec/text.js';
import { apiKey, basic, bearer } from '../../lib/http/auth.js';
import type { Auth } from '../../lib/http/credentials.js';
import type { ApiOptions, TimeoutsInput } from '../../lib/http/types.js';
import { type FakeTransport, fakeTransport } from '../../lib/testing/fake-transport.js';
import { all, failure, outcome } from '../support/outcome.js';
import { type Server, startServer } from '../support/server.js';
import { HandClock } from './hand-clock.js';

interface Echo {
  readonly url: string;
  readonly headers: [string, string][];
}
interface Tokens {
  readonly issued: number;
  readonly denied: number;
  readonly admitted: number;
}

let server: Server;
let open: Api;
beforeAll(async () => {
  server = await startServer();
  open = createApi({ baseUrl: server.origin });
});
afterAll(async () => {
  await open.close();
  await server.close();
});

const field = (echo: Echo, name: string): string | undefined => echo.headers.find(([key]) => key === name)?.[1];
const authorization = async (api: Api): Promise<string | undefined> =>
  field(await firstValueFrom(api.get<Echo>('/echo')), 'authorization');

let keys = 0;
/** A client whose tokens the server issues, and how the server counted them. */
function renewing(
  options: ApiOptions = {},
  token = '',
): { api: Api; path: string; tokens(): Promise<Tokens>; expire(): Promise<unknown> } {
  const key = `auth-${++keys}`;
  const issue = async (): Promise<string> =>
    (await firstValueFrom(open.get<{ access_token: string }>(`/auth/token?key=${key}${token}`))).access_token;
  return {
    api: open.extend({ auth: [bearer(issue)], ...options }),
    path: `/auth/bearer?key=${key}`,
    tokens: () => firstValueFrom(open.get<Tokens>(`/auth/state?key=${key}`)),
    expire: () => firstValueFrom(open.get(`/auth/expire?key=${key}`)),
  };
}

/** A client whose transport and time the test moves. */
function byHand(
  auth: readonly Auth[],
  timeouts: TimeoutsInput = false,
): { api: Api; fake: FakeTransport; clock: HandClock } {
  const clock = new HandClock();
  const fake = fakeTransport({ clock });
  return {
    api: createApi({ baseUrl: 'https://a.test', auth, transport: fake, clock, timeouts, retry: false }),
    fake,
    clock,
  };
}

describe('bearer', () => {
  it('sends a fixed token', async () => {
    expect(await authorization(open.extend({ auth: [bearer('abc')] }))).toBe('Bearer abc');
  });

  it.each([
    ['a promise', () => Promise.resolve('abc')],
    ['an Observable', () => of('abc', 'never used')],
    ['an Observable that goes on', () => new Observable<string>((to) => to.next('abc'))],
    ['an iterable', () => ['abc']],
  ])('takes the first token of %s', async (_, token) => {
    expect(await authorization(open.extend({ auth: [bearer(token)] }))).toBe('Bearer abc');
  });

  it('takes the place of a field that the caller set', async () => {
    const api = open.extend({ auth: [bearer('abc')] });
    const echo = await firstValueFrom(api.get<Echo>('/echo', { headers: { Authorization: 'by hand' } }));
    expect(echo.headers.filter(([name]) => name === 'authorization')).toEqual([['authorization', 'Bearer abc']]);
  });

  it('fetches nothing before the first call, and once for 100 of them at once', async () => {
    const { api, path, tokens } = renewing();
    expect(await tokens()).toMatchObject({ issued: 0 });
    await Promise.all(Array.from({ length: 100 }, () => firstValueFrom(api.get(path))));
    expect(await tokens()).toMatchObject({ issued: 1, admitted: 100, denied: 0 });
  });

  it('refreshes once for all the calls that a 401 meets', async () => {
    const { api, path, tokens, expire } = renewing({ timeouts: false }, '&delay=50');
    await firstValueFrom(api.get(path));
    await expire();
    await Promise.all(Array.from({ length: 50 }, () => firstValueFrom(api.get(path))));
    const { issued, denied } = await tokens();
    expect(issued).toBe(2);
    expect(denied).toBeGreaterThan(0);
  });

  it('sends the body of its recipe once more after a 401, without a retry and without the budget', async () => {
    const budget = createBudget();
    const { api, path, expire } = renewing({ retry: { budget } });
    await firstValueFrom(api.get(path));
    await expire();
    let made = 0;
    const body = async function* (): AsyncGenerator<Uint8Array> {
      yield new TextEncoder().encode(`body ${++made}`);
    };
    const events = await all(api.post(path, { body }).events());
    expect(events.at(-1)).toMatchObject({ type: 'response', attempt: 1, response: { status: 200, attempts: 1 } });
    expect(events.find(({ type }) => type === 'value')).toMatchObject({ value: { body: 'body 2' } });
    expect(events.some(({ type }) => type === 'retry')).toBe(false);
    expect(made).toBe(2);
    expect(budget.state).toMatchObject({ taken: 0, level: 10 });
  });

  it('passes a second 401 on', async () => {
    let fetched = 0;
    const api = open.extend({ auth: [bearer(async () => `wrong-${++fetched}`)] });
    const error = await failure(api.get(`/auth/bearer?key=auth-${++keys}`));
    expect(error).toMatchObject({ kind: 'status', status: 401, attempts: 1, body: { given: 'Bearer wrong-2' } });
    expect(fetched).toBe(2);
  });

  it('passes a 401 to a fixed token on', async () => {
    const error = await failure(open.extend({ auth: [bearer('wrong')] }).get(`/auth/bearer?key=auth-${++keys}`));
    expect(error).toMatchObject({ status: 401, attempts: 1 });
  });

  it('fails every call that waits with the same error when the refresh fails', async () => {
    const lost = new Error('no token today');
    const api = open.extend({ auth: [bearer(() => throwError(() => lost))] });
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => outcome(api.get('/echo'))));
    for (const { error } of outcomes) expect(error).toBe(lost);
  });

  it('leaves what an error of the token call says about itself', async () => {
    const { api, path } = renewing({}, '&status=400');
    const [one, two] = await Promise.all([failure(api.get(path)), failure(api.get(path))]);
    expect(one).toBe(two);
    expect(one).toMatchObject({ kind: 'status', status: 400, attempts: 1 });
    expect(one.message).toMatch(/^GET .*\/auth\/token/);
  });

  it('asks again after a refresh that failed', async () => {
    let asked = 0;
    const token = (): Observable<string> => (++asked === 1 ? throwError(() => new Error('first')) : of('abc'));
    const api = open.extend({ auth: [bearer(token)] });
    expect((await outcome(api.get('/echo'))).error).toMatchObject({ message: 'first' });
    expect(await authorization(api)).toBe('Bearer abc');
  });

  it('retries a call whose refresh met a broken connection', async () => {
    let asked = 0;
    const broken = new NetworkError('lost', 'receive');
    const token = (): Observable<string> => (++asked === 1 ? throwError(() => broken) : of('abc'));
    const api = open.extend({ auth: [bearer(token)], retry: { backoff: () => 1 } });
    expect(await authorization(api)).toBe('Bearer abc');
  });

  it('fails without a token when there is none', async () => {
    const api = open.extend({ auth: [bearer(() => from([]))] });
    expect(await failure(api.get('/echo'))).toMatchObject({ kind: 'config', field: 'bearer' });
  });

  it('goes on fetching for those that wait, and stops when the last one leaves', () => {
    let running = 0;
    const token = (): Observable<string> =>
      new Observable(() => {
        running++;
        return () => running--;
      });
    const { api } = byHand([bearer(token)]);
    const [first, second] = [api.get('/').subscribe(), api.get('/').subscribe()];
    expect(running).toBe(1);
    first.unsubscribe();
    expect(running).toBe(1);
    second.unsubscribe();
    expect(running).toBe(0);
  });

  it('does not refresh again for a late 401 to the old token', () => {
    let fetched = 0;
    const { api, fake, clock } = byHand([bearer(() => of(`token-${++fetched}`))]);
    const values: unknown[] = [];
    for (let call = 0; call < 2; call++) api.get('/', { as: text() }).subscribe((value) => values.push(value));
    const [early, late] = fake.requests;
    early!.answer(401);
    clock.advance(0);
    expect(fake.requests).toHaveLength(3);
    late!.answer(401);
    clock.advance(0);
    expect(fake.requests).toHaveLength(4);
    for (const again of fake.requests.slice(2)) {
      expect(again.request?.headers).toContain('Bearer token-2');
      again.answer(200, 'well');
    }
    clock.advance(0);
    expect(fetched).toBe(2);
    expect(values).toEqual(['well', 'well']);
  });

  it('counts the time a token takes for the attempt, not for the head', () => {
    const tokens = [new Subject<string>(), new Subject<string>()];
    let asked = 0;
    const { api, fake, clock } = byHand([bearer(() => tokens[asked++]!)], { headersMs: 100, attemptMs: 1000 });
    const errors: unknown[] = [];
    api.get('/').subscribe({ error: (error) => errors.push(error) });
    clock.advance(20_000);
    tokens[0]!.next('old');
    fake.last.answer(401);
    clock.advance(900);
    expect(errors).toEqual([]);
    clock.advance(100);
    expect(errors).toMatchObject([{ kind: 'timeout', which: 'attempt' }]);
    expect(tokens[1]!.observed).toBe(false);
    expect(clock.pending).toBe(0);
  });
});

describe('basic', () => {
  it.each([
    ['user', 'secret'],
    ['jürgen', 'pä$$ wörd €'],
    ['', ''],
    ['user', 'a:b:c'],
  ])('sends %j and %j as UTF-8', async (user, password) => {
    const api = open.extend({ auth: [basic(user, password)] });
    const query = { user, pass: password };
    expect(await firstValueFrom(api.get('/auth/basic', { query }))).toEqual({ user });
  });

  it('refuses a user name with a colon', () => {
    expect(() => basic('a:b', 'c')).toThrowError(expect.objectContaining({ kind: 'config', field: 'basic.user' }));
  });
});

describe('apiKey', () => {
  it('is a header field', async () => {
    const api = open.extend({ auth: [apiKey('X-API-Key', 'k')] });
    expect(field(await firstValueFrom(api.get<Echo>('/echo')), 'x-api-key')).toBe('k');
  });

  it('is a query parameter that errors and responses do not show', async () => {
    const api = open.extend({ auth: [apiKey('subscription', 'hunter2 &=', { in: 'query' })] });
    const echo = await firstValueFrom(api.get<Echo>('/echo?a=b'));
    expect(echo.url).toBe('/echo?a=b&subscription=hunter2%20%26%3D');
    expect((await firstValueFrom(api.get('/echo').response())).url).toBe(server.url('/echo'));
    const error = await failure(api.get('/reply?status=404'));
    expect(JSON.stringify([error.message, error.stack, error.request])).not.toContain('hunter2');
    const sent = await failure(api.get('/reply?status=404&subscription=hunter2'));
    expect(sent.message).toContain('subscription=[hidden]');
    expect(JSON.stringify([sent.message, sent.stack, sent.request])).not.toContain('hunter2');
  });
});

describe('a secret with control characters', () => {
  const bad = ['hunter2\r\nx-evil: 1', 'hunter2\n', 'hunter2\0', '\u007fhunter2', 'hunter2\u0085'];

  it.each(bad)('is refused without being shown (%#)', async (value) => {
    const refused = (make: () => unknown): unknown => {
      try {
        return make();
      } catch (error) {
        return error;
      }
    };
    const lazy = open.extend({ auth: [bearer(() => of(value))], retry: false });
    const errors = [
      refused(() => bearer(value)),
      refused(() => basic('user', value)),
      refused(() => basic(value, 'password')),
      refused(() => apiKey('x-key', value)),
      refused(() => apiKey('key', value, { in: 'query' })),
      await failure(lazy.get('/echo')),
    ];
    for (const error of errors) {
      expect(error).toMatchObject({ kind: 'config' });
      expect(String((error as Error).stack)).not.toContain('hunter2');
    }
  });

  it('is refused in any script that a header field cannot carry', () => {
    expect(() => bearer('tökén')).not.toThrow();
    expect(() => bearer('токен')).toThrowError(expect.objectContaining({ kind: 'config' }));
    expect(() => apiKey('X-Evil\r\nX', 'v')).toThrowError(expect.objectContaining({ kind: 'config' }));
    expect(() => apiKey('Host', 'evil.test')).toThrowError(expect.objectContaining({ kind: 'config' }));
  });
});
