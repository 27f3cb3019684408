/** What a quota counts. Others than these three may come; nobody can know what they mean. */
export type QuotaUnit = 'requests' | 'content-bytes' | 'concurrent-requests' | (string & {});

/** One item of `RateLimit-Policy`: what a server allows for. */
export interface QuotaPolicy {
  /** The policy's name. */
  readonly policy: string;
  /** `q`: how much it allows. */
  readonly quota: number;
  /** `qu`: of what. */
  readonly unit: QuotaUnit;
  /** `w`: in how long, as the server says it. Unit: milliseconds. */
  readonly windowMs?: number;
  /** `pk`: which of the server's callers it counts together, in base64. */
  readonly partition?: string;
}

/** One item of `RateLimit`: what is left of a quota. */
export interface QuotaLeft {
  /** The policy it belongs to. */
  readonly policy: string;
  /** `r`: how much is left; the server may allow less. */
  readonly left: number;
  /** `t`: for how long that has to do, 600 000 at most. Unit: milliseconds. */
  readonly forMs?: number;
  /** `pk`: which of the server's callers it counts together, in base64. */
  readonly partition?: string;
}

/** No server is believed that asks for a longer wait. */
export const LONGEST_HINT_MS = 600_000;

/**
 * Reads a `RateLimit-Policy` field.
 *
 * @returns its items in their order; none where the field is absent or malformed
 * @see IETF draft-ietf-httpapi-ratelimit-headers-11, section 3
 */
export function parseRateLimitPolicy(field: string | null | undefined): QuotaPolicy[] {
  return itemsOf(field, ({ name, parameters }) => {
    const { q, qu = 'requests', w, pk } = parameters;
    if (!isCount(q) || typeof qu !== 'string' || !isAbsentOr(isCount, w) || !isAbsentOr(isBytes, pk)) return undefined;
    return { policy: name, quota: q, unit: qu, ...windowOf(w), ...partitionOf(pk) };
  });
}

/**
 * Reads a `RateLimit` field.
 *
 * @returns its items in their order; none where the field is absent or malformed
 * @see IETF draft-ietf-httpapi-ratelimit-headers-11, section 4
 */
export function parseRateLimit(field: string | null | undefined): QuotaLeft[] {
  return itemsOf(field, ({ name, parameters }) => {
    const { r, t, pk } = parameters;
    if (!isCount(r) || !isAbsentOr(isCount, t) || !isAbsentOr(isBytes, pk)) return undefined;
    const forMs = t === undefined ? {} : { forMs: Math.min(t * 1000, LONGEST_HINT_MS) };
    return { policy: name, left: r, ...forMs, ...partitionOf(pk) };
  });
}

const windowOf = (w: number | undefined) => (w === undefined ? {} : { windowMs: w * 1000 });
const partitionOf = (pk: Bytes | undefined) => (pk === undefined ? {} : { partition: pk.base64 });

/** Only what these fields use is told apart; the rest need only be well formed. */
type Bare = number | string | Bytes | Other;
interface Bytes {
  readonly base64: string;
}
interface Other {
  readonly other: string;
}
interface Item {
  readonly name: string;
  readonly parameters: Readonly<Record<string, Bare>>;
}

const isBytes = (value: Bare | undefined): value is Bytes => typeof value === 'object' && 'base64' in value;
const isCount = (value: Bare | undefined): value is number => typeof value === 'number' && value >= 0;

function isAbsentOr<V extends Bare>(is: (value: Bare | undefined) => value is V, value: Bare | undefined): value is V {
  return value === undefined || is(value);
}

/** One bad item makes the field malformed, and a malformed field is ignored as a whole. */
function itemsOf<R>(field: string | null | undefined, read: (item: Item) => R | undefined): R[] {
  const items = typeof field === 'string' ? parseList(field) : undefined;
  const results = items?.map(read) ?? [];
  return results.includes(undefined) ? [] : (results as R[]);
}

// The productions of RFC 9651, section 4.2. An item here is a String, since both fields have no others.
const STRING = /"((?:[\x20-\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"/y;
const KEY = /; *([a-z*][a-z0-9_.*-]*)/y;
const INTEGER = /-?\d{1,15}(?![\d.])/y;
const BYTES = /:([A-Za-z0-9+/]*={0,2}):/y;
const DISPLAY = /%"((?:[\x20-\x21\x23\x24\x26-\x7e]|%[\da-f]{2})*)"/y;
const OTHERS = /-?\d{1,12}\.\d{1,3}(?!\d)|\?[01]|@-?\d{1,15}(?!\d)|[A-Za-z*][!#$%&'*+.^_`|~0-9A-Za-z:/-]*/y;
const COMMA = /[ \t]*,[ \t]*/y;

/** A Display String as it is meant; `undefined` when it is no UTF-8, or none was found. */
function decoded(escaped: string | undefined): string | undefined {
  try {
    return escaped === undefined ? undefined : decodeURIComponent(escaped);
  } catch {
    return undefined;
  }
}

/** A field can be long and is the server's to write: this reads it once from left to right. */
function parseList(field: string): Item[] | undefined {
  const text = field.replace(/^ +/, '').replace(/ +$/, '');
  let at = 0;
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match) at = pattern.lastIndex;
    return match ? (match[1] ?? match[0]) : undefined;
  };
  const string = (): string | undefined => take(STRING)?.replace(/\\(.)/g, '$1');
  const bare = (): Bare | undefined => {
    const integer = take(INTEGER);
    if (integer !== undefined) return Number(integer);
    const base64 = take(BYTES);
    if (base64 !== undefined) return { base64 };
    const other = take(OTHERS) ?? decoded(take(DISPLAY));
    return other === undefined ? string() : { other };
  };

  const items: Item[] = [];
  do {
    const name = string();
    if (name === undefined) return undefined;
    const parameters = Object.create(null) as Record<string, Bare>;
    for (let key = take(KEY); key !== undefined; key = take(KEY)) {
      const hasValue = text[at] === '=';
      if (hasValue) at++;
      const value = hasValue ? bare() : { other: '?1' };
      if (value === undefined) return undefined;
      parameters[key] = value;
    }
    items.push({ name, parameters });
  } while (take(COMMA) !== undefined);
  return at === text.length ? items : undefined;
}
