import { ConfigError } from '../core/errors.js';
import { redactUrl } from './summary.js';

/** Where a request goes. `origin + path` is its URL. */
export interface Target {
  readonly origin: string;
  /** Path and query, percent-encoded. */
  readonly path: string;
}

/** A base: an origin and the directory below which paths are joined. */
export interface Base extends Target {
  readonly secure: boolean;
}

interface Parsed {
  readonly protocol: string;
  readonly origin: string;
  readonly host: string;
  readonly pathname: string;
  readonly search: string;
  readonly hash: string;
  readonly username: string;
  readonly password: string;
}
// Structural, so that the public types need neither the DOM nor Node's types.
const platform = globalThis as unknown as {
  URL: new (url: string, base?: string) => Parsed;
  location?: { readonly href: string };
};

/** Characters that need no encoding and cannot change the meaning of a path. */
const PLAIN = /^[A-Za-z0-9\-._~!$&()*+,;=:@/?]*$/;
const SCHEME = /^[a-z][a-z0-9+.-]*:/i;
// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const UNSAFE = /[\\\u0000-\u001f\u007f]/;
const DOTS = /(^|\/)\.\.?(\/|$)/;

function refuse(field: string, url: string, why: string): never {
  const shown = redactUrl(url);
  throw new ConfigError(field, `${JSON.stringify(shown.length > 200 ? `${shown.slice(0, 200)}…` : shown)} ${why}`);
}

/** Reads an absolute http or https URL; userinfo is refused, a fragment dropped. */
export function parseTarget(url: string, field: string): Target {
  let parsed: Parsed;
  if (!/^https?:\/\//i.test(url)) refuse(field, url, 'is not an absolute URL that begins with http:// or https://');
  try {
    parsed = new platform.URL(url);
  } catch {
    return refuse(field, url, 'is not a URL: check its host and port');
  }
  if (parsed.username || parsed.password) {
    throw new ConfigError(
      field,
      `the URL of ${parsed.host} holds a user name or password: pass auth: [basic(user, password)]`,
    );
  }
  return { origin: parsed.origin, path: parsed.pathname + parsed.search };
}

/** Reads `baseUrl`: a directory without query or fragment. */
export function parseBase(input: unknown): Base {
  const field = 'baseUrl';
  const named = typeof input === 'string' || (typeof input === 'object' && input !== null && 'href' in input);
  if (!named) throw new ConfigError(field, 'must be a string or a URL');
  let url = String(input);
  if (UNSAFE.test(url)) refuse(field, url, 'has a backslash or a control character');
  if (!SCHEME.test(url)) {
    if (!platform.location)
      refuse(field, url, 'is relative, and there is no page to be relative to: begin with https://');
    url = new platform.URL(url, platform.location!.href).toString();
  }
  if (/[?#]/.test(url)) refuse(field, url, 'has a query or a fragment: pass query with each call');
  const { origin, path } = parseTarget(url, field);
  return { origin, path: path.endsWith('/') ? path : `${path}/`, secure: origin.startsWith('https:') };
}

/** Whether a path climbs, also behind percent-encoding. */
function climbs(path: string): boolean {
  if (!path.includes('.') && !/%2e/i.test(path)) return false;
  const cut = path.indexOf('?');
  const segments = (cut < 0 ? path : path.slice(0, cut)).replace(/%2e/gi, '.').replace(/%2f|%5c/gi, '/');
  return DOTS.test(segments);
}

/**
 * Joins a caller's path below the base.
 *
 * @param path - relative; one leading `/` is joined below the base as well
 * @throws ConfigError when the path could leave the base, and for absolute URLs where they are not allowed
 */
export function joinPath(base: Base | undefined, absolute: boolean, path: string): Target {
  const field = 'path';
  if (typeof path !== 'string') throw new ConfigError(field, `must be a string, not ${typeof path}`);
  const rooted = path[0] === '/';
  if (
    base &&
    PLAIN.test(path) &&
    (rooted ? path[1] !== '/' : !SCHEME.test(path)) &&
    !(path.includes('.') && climbs(path))
  ) {
    // The common case: nothing to encode.
    return { origin: base.origin, path: base.path + (rooted ? path.slice(1) : path) };
  }
  if (UNSAFE.test(path)) refuse(field, path, 'has a backslash or a control character: percent-encode it');
  if (SCHEME.test(path)) {
    if (base && !absolute) refuse(field, path, "begins like a URL: begin a path with /, or set absolute: 'allow'");
    return parseTarget(path, field);
  }
  if (!base) refuse(field, path, 'is relative: set baseUrl, or pass an absolute URL');
  if (path.startsWith('//')) refuse(field, path, 'begins with //, which would name another host');
  if (path.trim() !== path) refuse(field, path, 'begins or ends with white space');
  if (path.includes('#')) refuse(field, path, 'has a #, which is never sent: encode it as %23');
  if (climbs(path)) refuse(field, path, 'has a . or .. segment, which could leave the base');
  const parsed = new platform.URL(base!.origin + base!.path + (rooted ? path.slice(1) : path));
  if (parsed.origin !== base!.origin || !parsed.pathname.startsWith(base!.path)) refuse(field, path, 'leaves the base');
  return { origin: base!.origin, path: parsed.pathname + parsed.search };
}

/** Reads the target of a redirect, relative to where it came from; `undefined` when it is not a URL. */
export function resolveLocation(
  location: string,
  from: Target,
): (Target & { readonly userinfo: boolean; readonly protocol: string }) | undefined {
  try {
    const parsed = new platform.URL(location, from.origin + from.path);
    const userinfo = parsed.username !== '' || parsed.password !== '';
    return { origin: parsed.origin, path: parsed.pathname + parsed.search, userinfo, protocol: parsed.protocol };
  } catch {
    return undefined;
  }
}
