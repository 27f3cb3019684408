import type { Decoder } from '../codec/decoder.js';
import { ProtocolError } from '../core/answer-errors.js';
import { ConfigError } from '../core/errors.js';
import type { ApiResponse } from '../http/answer-types.js';
import { digestField } from './upload-checksum.js';
import { ExpiredUpload, expiryOf, numberIn, type UploadDialect, type UploadServer } from './upload-dialect.js';
import { locationOf, type UploadExchange } from './upload-exchange.js';
import type { StoredPart } from './upload-store.js';
import type { ByteSource, Piece } from './upload-stream.js';

/** What one upload resource is made of. */
export interface PartRules {
  readonly exchange: UploadExchange;
  readonly dialect: UploadDialect;
  readonly source: ByteSource;
  /** Where uploads are created. */
  readonly path: string;
  readonly chunkBytes: number;
  readonly checksum: string | undefined;
  /** Names and values by turns, added to the creation. */
  readonly fields: readonly string[];
  readonly metadata: string;
  readonly as: Decoder<unknown> | undefined;
  server(): Promise<UploadServer>;
  now(): number;
  /** Remembers the resource; `undefined` forgets it. */
  save(part: StoredPart | undefined): Promise<void>;
  /** The server is ready for bytes. */
  ready(): void;
  /** So many bytes of this part have left. */
  moved(loaded: number): void;
  /** So many bytes of this part have arrived. */
  arrived(offset: number): void;
}

const broken = (message: string): ProtocolError => new ProtocolError(message, { transient: false });

/** One upload resource of a server: found again or created, and filled chunk by chunk. */
export class UploadPart {
  readonly #rules: PartRules;
  #stored: StoredPart | undefined;
  #offset = 0;
  #size: number | undefined;
  /** The server does not know the size yet. */
  #isDeferred = false;
  /** The server was told that nothing follows. */
  #isTold = false;

  constructor(rules: PartRules, stored: StoredPart | undefined) {
    this.#rules = rules;
    this.#stored = stored;
  }

  get url(): string | undefined {
    return this.#stored?.url;
  }

  /** Bytes that the server has. */
  get offset(): number {
    return this.#offset;
  }

  /** The resource is gone: the next {@link run} creates another one. */
  async forget(): Promise<void> {
    this.#stored = undefined;
    this.#offset = 0;
    this.#isTold = false;
    await this.#rules.save(undefined);
  }

  /**
   * Uploads what the server has not got, once: how failures are repeated is for others to say.
   *
   * @returns the answer that completed it
   */
  async run(): Promise<ApiResponse<unknown>> {
    const { source, ready } = this.#rules;
    this.#size = await source.size();
    this.#checkExpiry();
    let answer = this.#stored ? await this.#find(this.#stored.url) : await this.#create();
    ready();
    while (!this.#isComplete(answer)) {
      this.#checkExpiry();
      answer = await this.#append(this.#stored!.url);
    }
    return answer;
  }

  #isComplete({ headers }: ApiResponse<unknown>): boolean {
    if (this.#rules.dialect.saysComplete) {
      const said = headers.get('upload-complete')?.trim();
      return said === '?1' || (this.#isTold && said !== '?0');
    }
    return this.#size !== undefined && this.#offset === this.#size && !this.#isDeferred;
  }

  #checkExpiry(): void {
    if (this.#stored?.expiresMs === undefined || this.#rules.now() < this.#stored.expiresMs) return;
    throw new ExpiredUpload('the server has dropped the upload, as it said it would (Upload-Expires)');
  }

  async #find(url: string): Promise<ApiResponse<unknown>> {
    const { exchange, dialect } = this.#rules;
    const answer = await exchange.send({ method: 'HEAD', url, isResource: true, fields: dialect.common });
    const offset = numberIn(answer.headers, 'upload-offset');
    if (offset === undefined) throw broken('the server does not say how much it has (Upload-Offset)');
    const length = numberIn(answer.headers, 'upload-length');
    if (length !== undefined && this.#size !== undefined && length !== this.#size) {
      throw new ConfigError('upload.source', `has ${this.#size} bytes; the upload at the server is one of ${length}`);
    }
    this.#isDeferred = !dialect.saysComplete && length === undefined;
    await this.#moveTo(offset, answer);
    return answer;
  }

  async #create(): Promise<ApiResponse<unknown>> {
    const { exchange, dialect, path, fields, metadata, server, source, chunkBytes, moved } = this.#rules;
    const { extensions, mostBytes } = await server();
    const size = this.#size;
    if (size !== undefined && size > mostBytes) {
      throw new ConfigError('upload.source', `has ${size} bytes, and the server takes ${mostBytes} at most`);
    }
    const isTogether = extensions.has('creation-with-upload') && size !== 0;
    const piece = isTogether ? await source.read(0, chunkBytes) : undefined;
    const withBody = piece ? ['content-type', dialect.contentType, ...(await this.#checksum(piece))] : [];
    const own = [...dialect.common, ...dialect.create(size, metadata), ...fields, ...withBody];
    const body = piece?.body;
    const as = this.#asFor(piece?.isLast);
    const answer = await exchange.send({
      method: 'POST',
      url: path,
      isResource: false,
      fields: own,
      body,
      as,
      onProgress: body && moved,
    });
    const url = locationOf(answer);
    if (!url) throw broken('the server does not say where the upload is (Location)');
    this.#stored = { url };
    this.#isDeferred = size === undefined && !dialect.saysComplete;
    await this.#moveTo(numberIn(answer.headers, 'upload-offset') ?? 0, answer, true);
    return answer;
  }

  async #append(url: string): Promise<ApiResponse<unknown>> {
    const { exchange, dialect, source, chunkBytes, moved } = this.#rules;
    const at = this.#offset;
    const piece = await source.read(at, chunkBytes);
    const { body, bytes, isLast } = piece;
    const end = at + bytes;
    if (this.#size !== undefined && (isLast ? end !== this.#size : end >= this.#size)) {
      throw new ConfigError('upload.source', `was said to have ${this.#size} bytes, and has ${isLast ? end : 'more'}`);
    }
    const size = isLast && this.#isDeferred ? end : undefined;
    const own = [...dialect.common, ...dialect.append(at, isLast, size), 'content-type', dialect.contentType];
    const fields = [...own, ...(await this.#checksum(piece))];
    const onProgress = (loaded: number): void => moved(at + loaded);
    const answer = await exchange.send({
      method: 'PATCH',
      url,
      isResource: true,
      fields,
      body,
      as: this.#asFor(isLast),
      onProgress,
    });
    const next = numberIn(answer.headers, 'upload-offset') ?? (dialect.saysComplete ? end : undefined);
    if (next === undefined) throw broken('the server does not say how much it has (Upload-Offset)');
    if (next > end) throw broken(`the server says that it has ${next} bytes, and ${end} were sent`);
    if (size !== undefined) [this.#size, this.#isDeferred] = [size, false];
    this.#isTold = isLast;
    await this.#moveTo(next, answer);
    // Else it would be sent for ever, and without a pause.
    if (next <= at && !this.#isComplete(answer)) throw new ProtocolError(`the server took none of ${bytes} bytes`);
    return answer;
  }

  #asFor(isLast: boolean | undefined): Decoder<unknown> | undefined {
    return isLast ? this.#rules.as : undefined;
  }

  async #checksum(piece: Piece): Promise<string[]> {
    const { checksum } = this.#rules;
    return checksum ? ['upload-checksum', await digestField(checksum, piece.body)] : [];
  }

  async #moveTo(offset: number, { headers }: ApiResponse<unknown>, isNew = false): Promise<void> {
    if (this.#size !== undefined && offset > this.#size) {
      throw broken(`the server says that it has ${offset} bytes of ${this.#size}`);
    }
    this.#offset = offset;
    this.#rules.arrived(offset);
    const stored = this.#stored!;
    const expiresMs = expiryOf(headers, this.#rules.now()) ?? stored.expiresMs;
    if (!isNew && expiresMs === stored.expiresMs) return;
    this.#stored = { url: stored.url, ...(expiresMs === undefined ? {} : { expiresMs }) };
    await this.#rules.save(this.#stored);
  }
}
