import { RedirectError } from '../core/answer-errors.js';
import { ConfigError } from '../core/errors.js';
import { must } from '../core/must.js';
import { oneLine } from '../core/one-line.js';
import type { Target } from '../transport/contract.js';
import { redactUrl } from './summary.js';

interface Parsed {
  readonly protocol: string;
  readonly origin: string;
  readonly host: string;
  readonly pathname: string;
  readonly search: string;
  readonly username: string;
  readonly password: string;
}
// Structural, so that the public types need neither the DOM nor Node's types.
const platform = globalThis as unknown as {
  URL: new (url: string, base?: string) => Parsed;
  location?: { readonly href: string };
};

/** Characters that need no encoding and cannot change the meaning of a path. */
const PLAIN = /^(?!\/\/)[\w\-.~!$&()*+,;=:@/?]*$/;
const SCHEME = /^[a-z][a-z0-9+.-]*:/i;
/** A dot segment before the query, also behind percent-encoding. */
const CLIMBS = /^([^?]*(\/|%2f|%5c))?(\.|%2e){1,2}(\/|%2f|%5c|\?|$)/i;
// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const UNSAFE = /[\\\u0000-\u001f\u007f]/;

/** What a path must not have, and why. */
const REFUSED: readonly (readonly [RegExp, string])[] = [
  [/^\/\//, 'begins with //, which would name another host'],
  [/^\s|\s$/, 'begins or ends with white space'],
  [/#/, 'has a #, which is never sent: encode it as %23'],
  [CLIMBS, 'has a . or .. segment, which could leave the base'],
];

/** A target with more of a query. */
export function withQuery({ origin, path }: Target, query: string): Target {
  return { origin, path: path + (path.includes('?') ? '&' : '?') + query };
}

function refuse(when: boolean, field: string, url: string, why: string): void {
  if (when) throw new ConfigError(field, `${JSON.stringify(oneLine(redactUrl(url), 200))} ${why}`);
}

/** Reads an absolute http or https URL; userinfo is refused, a fragment dropped. */
export function parseTarget(url: string, field: string): Target {
  let parsed: Parsed | undefined;
  refuse(!/^https?:\/\//i.test(url), field, url, 'is not an absolute URL that begins with http:// or https://');
  try {
    parsed = new platform.URL(url);
  } catch {
    refuse(true, field, url, 'is not a URL: check its host and port');
  }
  const { origin, pathname, search, username, password } = parsed!;
  refuse(
    !!(username || password),
    field,
    origin,
    'comes with a user name or password: pass auth: [basic(user, password)]',
  );
  return { origin, path: pathname + search };
}

/** Reads `baseUrl`, a directory: an origin and the path below which others are joined. */
export function parseBase(input: unknown): Target {
  const field = 'baseUrl';
  must(typeof input === 'string' || 'href' in Object(input), field, 'a string or a URL');
  let url = String(input);
  refuse(UNSAFE.test(url), field, url, 'has a backslash or a control character');
  if (!SCHEME.test(url)) {
    const page = platform.location?.href;
    refuse(!page, field, url, 'is relative, and there is no page to be relative to: begin with https://');
    url = String(new platform.URL(url, page));
  }
  refuse(/[?#]/.test(url), field, url, 'has a query or a fragment: pass query with each call');
  const { origin, path } = parseTarget(url, field);
  return { origin, path: path.replace(/\/?$/, '/') };
}

/** Reads an absolute URL that may only lie below the base, as the links and locations of its own answers do. */
function targetBelow(base: Target, url: string): Target {
  const field = 'path';
  const why = "begins like a URL and does not lie below baseUrl: begin a path with /, or set absolute: 'allow'";
  refuse(!/^https?:\/\//i.test(url) || CLIMBS.test(url), field, url, why);
  const target = parseTarget(url, field);
  refuse(target.origin !== base.origin || !target.path.startsWith(base.path), field, url, why);
  return target;
}

/**
 * Resolves a URL that a server named against the URL of the answer that named it.
 *
 * @param what - what lies there, for the message
 * @throws RedirectError when it is no http URL, leads from https to http, or has a user name or password
 */
export function resolveTarget(reference: string, answerUrl: string, what: string): Target {
  let to: Parsed;
  try {
    to = new platform.URL(reference, answerUrl);
  } catch {
    throw new RedirectError(`the server named a URL for ${what} that is none`);
  }
  const { protocol, origin, pathname, search, username, password } = to;
  const isHttp = protocol === 'https:' || (protocol === 'http:' && !answerUrl.startsWith('https:'));
  if (!isHttp) throw new RedirectError(`the server named a URL for ${what} at ${protocol}, which is refused`);
  if (username || password) {
    throw new RedirectError(`the server named a URL for ${what} with a user name or password, which is refused`);
  }
  return { origin, path: pathname + search };
}

/**
 * Joins a caller's path below the base.
 *
 * @param path - relative; one leading `/` is joined below the base as well. Or an absolute URL that lies below the base
 * @throws ConfigError when the path could leave the base, and for other absolute URLs where they are not allowed
 */
export function joinPath(base: Target | undefined, absolute: boolean, path: string): Target {
  const field = 'path';
  must(typeof path === 'string', field, 'a string');
  const isUrl = SCHEME.test(path);
  // In the common case there is nothing to encode.
  const plain = base && !isUrl && PLAIN.test(path) && !CLIMBS.test(path);
  if (!plain) {
    refuse(UNSAFE.test(path), field, path, 'has a backslash or a control character: percent-encode it');
    if (isUrl && base && !absolute) return targetBelow(base, path);
    if (isUrl) return parseTarget(path, field);
    refuse(!base, field, path, 'is relative: set baseUrl, or pass an absolute URL');
    for (const [what, why] of REFUSED) refuse(what.test(path), field, path, why);
  }
  const { origin } = base!;
  const joined = base!.path + (path[0] === '/' ? path.slice(1) : path);
  if (plain) return { origin, path: joined };
  const parsed = new platform.URL(origin + joined);
  refuse(parsed.origin !== origin || !parsed.pathname.startsWith(base!.path), field, path, 'leaves the base');
  return { origin, path: parsed.pathname + parsed.search };
}
