/** Header fields of a message; names are matched without regard to case. */
export interface HeadersView extends Iterable<readonly [name: string, value: string]> {
  /** The value of a field, repeated fields joined by `, `; `null` when it is absent. */
  get(name: string): string | null;
  has(name: string): boolean;
  /** One entry per `Set-Cookie` field: these cannot be joined. */
  getSetCookie(): string[];
}

/** The start of an answer: everything before its body. */
export interface Head {
  readonly status: number;
  readonly statusText: string;
  readonly headers: HeadersView;
  /** The final URL, set where the platform followed redirects by itself. */
  readonly url?: string;
  /** Whether the platform followed a redirect by itself. */
  readonly redirected?: boolean;
}

/** Upper bounds on what one exchange may bring; each has a default and a per-call override. */
export interface Limits {
  /** Decoded bytes of a one-value body. @defaultValue 10 MiB */
  readonly bodyBytes: number;
  /** Decoded bytes read of an error's body. @defaultValue 1 MiB */
  readonly errorBodyBytes: number;
  /** Decoded bytes of one line or record. @defaultValue 1 MiB */
  readonly lineBytes: number;
  /** Content encodings stacked on one body. @defaultValue 5 */
  readonly encodings: number;
  /** Redirects followed in one attempt. @defaultValue 10 */
  readonly redirects: number;
  /** Bytes of the answer's header fields. @defaultValue 64 KiB */
  readonly headerBytes: number;
}

/** The limits that hold when nothing else is said. */
export const DEFAULT_LIMITS: Limits = Object.freeze({
  bodyBytes: 10_485_760,
  errorBodyBytes: 1_048_576,
  lineBytes: 1_048_576,
  encodings: 5,
  redirects: 10,
  headerBytes: 65_536,
});
