import { Sha256 } from '../codec/sha-256.js';
import { ProtocolError } from '../core/answer-errors.js';
import type { Head, HeadersView } from '../core/wire.js';
import { answerRange, refusedLength, reprDigest } from './answer-range.js';

/** Where a download goes on: behind so many bytes of the representation with this entity tag. */
export interface DownloadCursor {
  readonly offset: number;
  readonly etag: string;
}

const broken = (message: string): ProtocolError => new ProtocolError(message, { transient: false });
const noDigest = (): ProtocolError => broken('the server sent no Repr-Digest with sha-256');

/** Why pieces cannot be put together. */
export function changed(): ProtocolError {
  return broken('what is downloaded has changed since its first part came');
}

/** The bytes of one representation, put together from answers: what is there, what is missing, what it must be. */
export class Representation {
  #offset: number;
  #etag: string | undefined;
  #total: number | undefined;
  /** Bytes to leave out: the server sends from the first one, and these are there. */
  #skip = 0;
  #isWhole = false;
  readonly #given: string | true | undefined;
  #expected: string | undefined;
  #sha: Sha256 | undefined;

  /** @param sha256 - what the bytes must hash to; `true` for what the server says in `Repr-Digest` */
  constructor(from: DownloadCursor | undefined, sha256: string | true | undefined) {
    this.#offset = from?.offset ?? 0;
    this.#etag = from?.etag;
    this.#given = sha256;
    if (sha256 !== undefined) this.#sha = new Sha256();
  }

  /** Bytes that are there. */
  get offset(): number {
    return this.#offset;
  }

  get total(): number | undefined {
    return this.#total;
  }

  get cursor(): DownloadCursor | undefined {
    return this.#etag === undefined ? undefined : { offset: this.#offset, etag: this.#etag };
  }

  /** Whether what is missing can be fetched alone. */
  get canGoOn(): boolean {
    return this.#offset === 0 || this.#etag !== undefined;
  }

  /** The fields that ask for what is missing, names and values by turns. */
  fields(): string[] {
    // With a range from the first byte on too: it asks for the plain representation, which pieces can be cut from.
    const fields = ['range', `bytes=${this.#offset}-`];
    if (this.#offset > 0 && this.#etag !== undefined) fields.push('if-range', this.#etag);
    if (this.#given === true) fields.push('want-repr-digest', 'sha-256=9');
    return fields;
  }

  /**
   * Reads the head of an answer.
   *
   * @returns false when its bytes do not belong to those that are there, and then nothing has changed
   * @throws ProtocolError when it cannot be used at all
   */
  accept(head: Head): boolean {
    const range = answerRange(head, this.#offset);
    if (this.#offset > 0) {
      const isSame = range.etag !== undefined && range.etag === this.#etag;
      if (!isSame || (this.#total ?? range.total) !== (range.total ?? this.#total)) return false;
    }
    this.#skip = this.#offset - range.from;
    this.#etag = range.etag;
    this.#total = range.total ?? this.#total;
    this.#isWhole = range.isWhole;
    this.#readDigest(head.headers);
    if (this.#given !== undefined && !this.#expected) throw noDigest();
    return true;
  }

  #readDigest(headers: HeadersView): void {
    this.#expected = this.#given === true ? (reprDigest(headers) ?? this.#expected) : this.#given;
  }

  /**
   * Takes the next bytes of an answer.
   *
   * @returns those of them that were missing
   * @throws ProtocolError when there are more than the server has named
   */
  take(bytes: Uint8Array): Uint8Array {
    const known = Math.min(this.#skip, bytes.length);
    this.#skip -= known;
    const fresh = known > 0 ? bytes.subarray(known) : bytes;
    this.#offset += fresh.length;
    if (this.#total !== undefined && this.#offset > this.#total) {
      throw broken(`the server said ${this.#total} bytes and sent more`);
    }
    this.#sha?.update(fresh);
    return fresh;
  }

  /** Whether all is there, when an answer has ended. */
  isComplete(): boolean {
    return this.#skip === 0 && (this.#total === undefined ? this.#isWhole : this.#offset === this.#total);
  }

  /** Whether a refusal of the range (416) means that nothing is missing. */
  endsAt(headers: HeadersView): boolean {
    const length = refusedLength(headers);
    if (length !== this.#offset || (this.#total ?? length) !== length) return false;
    this.#readDigest(headers);
    return true;
  }

  /** @throws ProtocolError when the bytes are not what they must be */
  verify(): void {
    const actual = this.#sha?.hex();
    if (actual === this.#expected?.toLowerCase()) return;
    if (!this.#expected) throw noDigest();
    throw broken(`the bytes have the SHA-256 ${actual}, not ${this.#expected}`);
  }

  /** Begins with the first byte, of whichever representation comes next. */
  rewind(): void {
    this.#offset = this.#skip = 0;
    this.#etag = this.#total = this.#expected = undefined;
    if (this.#sha) this.#sha = new Sha256();
  }
}
