import type { Exchange, Pair, Route } from './types.js';

interface Tokens {
  /** Undefined until the first one is issued, and again once it expired. */
  current: string | undefined;
  issued: number;
  /** Calls refused, and calls let in. */
  denied: number;
  admitted: number;
}

const tokensOf = (x: Exchange): Tokens =>
  x.journal.keep(`tokens ${x.query.text('key', 'default')}`, () => ({
    current: undefined,
    issued: 0,
    denied: 0,
    admitted: 0,
  }));

/** Issues `token-1`, `token-2` and so on; the newest alone is good. `?delay=`, `?status=` to refuse. */
async function token(x: Exchange): Promise<void> {
  const tokens = tokensOf(x);
  tokens.issued += 1;
  await x.sleep(x.query.number('delay', 0));
  const status = x.query.number('status', 200);
  if (status !== 200) return x.json({ error: 'invalid_grant' }, status);
  tokens.current = `token-${tokens.issued}`;
  x.json({ access_token: tokens.current, token_type: 'Bearer', expires_in: 3600 });
}

/** 401 until the bearer token is the current one; then an echo of the body. */
async function bearer(x: Exchange): Promise<void> {
  const tokens = tokensOf(x);
  const given = x.header('authorization');
  if (tokens.current === undefined || given !== `Bearer ${tokens.current}`) {
    tokens.denied += 1;
    return x.json({ error: 'invalid_token', given }, 401, [challenge('Bearer realm="test", error="invalid_token"')]);
  }
  tokens.admitted += 1;
  x.json({ given, body: (await x.body()).toString('utf8') });
}

function expire(x: Exchange): void {
  tokensOf(x).current = undefined;
  x.json(tokensOf(x));
}

/** `?user=` and `?pass=`, UTF-8 in base64. */
function basic(x: Exchange): void {
  const wanted = `${x.query.text('user', 'user')}:${x.query.text('pass', 'secret')}`;
  const given = Buffer.from((x.header('authorization') ?? '').replace(/^Basic /, ''), 'base64').toString('utf8');
  if (given !== wanted) return x.json({ denied: true }, 401, [challenge('Basic realm="test", charset="UTF-8"')]);
  x.json({ user: given.slice(0, given.indexOf(':')) });
}

function challenge(text: string): Pair {
  return ['www-authenticate', text];
}

/** `?name=value` for each cookie; `?attributes=` goes behind every one. */
function setCookies(x: Exchange): void {
  const params = new URLSearchParams(x.wire.target.split('?')[1] ?? '');
  const attributes = params.get('attributes') ?? 'Path=/';
  const names = [...params].filter(([name]) => !['attributes', 'id', 'cors'].includes(name));
  x.json(
    Object.fromEntries(names),
    200,
    names.map(([name, value]) => ['set-cookie', `${name}=${value}; ${attributes}`]),
  );
}

function cookies(x: Exchange): void {
  const pairs = (x.header('cookie') ?? '').split(/; */).filter(Boolean);
  x.json(Object.fromEntries(pairs.map((pair) => pair.split(/=(.*)/s, 2))));
}

export const authRoutes: Readonly<Record<string, Route>> = {
  '/auth/token': token,
  '/auth/bearer': bearer,
  '/auth/expire': expire,
  '/auth/state': (x) => x.json(tokensOf(x)),
  '/auth/basic': basic,
  '/cookies': cookies,
  '/cookies/set': setCookies,
};
