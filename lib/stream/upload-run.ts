import { StatusError } from '../core/answer-errors.js';
import { ConfigError } from '../core/errors.js';
import { PROGRESS } from '../core/progress.js';
import type { SignalLike } from '../core/signal.js';
import type { ApiResponse } from '../http/answer-types.js';
import type { TellTransfer } from './transfer-flow.js';
import {
  DRAFT_11,
  isGone,
  PLAIN_SERVER,
  readServer,
  TUS,
  type UploadDialect,
  type UploadServer,
  writeMetadata,
} from './upload-dialect.js';
import { locationOf, UploadExchange } from './upload-exchange.js';
import { UploadPart } from './upload-part.js';
import { Persistence } from './upload-persistence.js';
import type { UploadResult, UploadSettings } from './upload-settings.js';
import { openSource, partOf } from './upload-source.js';
import type { StoredPart, StoredUpload } from './upload-store.js';
import type { ByteSource } from './upload-stream.js';

const sumOf = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);

/** One subscription to a resumable upload: its parts, and what the store knows of them. */
export class UploadRun {
  readonly #settings: UploadSettings;
  readonly #source: ByteSource;
  readonly #tell: TellTransfer<number> | undefined;
  readonly #controller = new AbortController();
  readonly #exchange: UploadExchange;
  readonly #main: Persistence;
  readonly #dialect: UploadDialect;
  #server: Promise<UploadServer> | undefined;
  #size: number | undefined;
  #parts: (StoredPart | null)[] = [];
  /** Bytes of each part that have left, and that have arrived. */
  #loaded: number[] = [];
  #arrived: number[] = [];

  /** @param source - opened once for all subscriptions, since it may be one that cannot be read twice */
  constructor(settings: UploadSettings, source: ByteSource, signal: SignalLike, tell?: TellTransfer<number>) {
    this.#settings = settings;
    this.#source = source;
    this.#tell = tell;
    this.#dialect = settings.protocol === 'tus' ? TUS : DRAFT_11;
    this.#exchange = new UploadExchange(settings.client, settings.exchange, this.#controller.signal);
    this.#main = this.#persistence();
    signal.addEventListener('abort', () => this.#controller.abort(signal.reason));
  }

  async run(): Promise<UploadResult> {
    const { store, fingerprint } = this.#settings;
    this.#size = await this.#source.size();
    const stored = await store.get(fingerprint);
    const known = stored && stored.size === this.#size && stored.parts.length > 0 ? stored : undefined;
    this.#parts = known ? [...known.parts] : Array.from({ length: await this.#partCount() }, () => null);
    this.#loaded = this.#parts.map(() => 0);
    this.#arrived = [...this.#loaded];
    try {
      const { url, response } = this.#parts.length === 1 ? await this.#whole() : await this.#together();
      await store.remove(fingerprint);
      this.#source.close();
      return { url, bytes: sumOf(this.#arrived), response };
    } finally {
      // What else runs is of no use any more.
      this.#controller.abort();
    }
  }

  #persistence(): Persistence {
    return new Persistence(this.#settings, this.#exchange, this.#tell, () => sumOf(this.#arrived));
  }

  /** How many parts it is cut into: more than one only where all that is needed for it is there. */
  async #partCount(): Promise<number> {
    const { parallel, protocol } = this.#settings;
    const count = Math.min(Math.floor(parallel), this.#size ?? 1);
    if (count <= 1 || protocol !== 'tus' || !this.#source.canSeek) return 1;
    const { extensions } = await this.#main.until(() => this.#ask());
    return extensions.has('concatenation') ? count : 1;
  }

  #ask(): Promise<UploadServer> {
    if (!this.#dialect.discovers) return Promise.resolve(PLAIN_SERVER);
    return (this.#server ??= this.#discover().catch((error: unknown) => {
      this.#server = undefined;
      throw error;
    }));
  }

  async #discover(): Promise<UploadServer> {
    const { path, checksum } = this.#settings;
    let server = PLAIN_SERVER;
    try {
      const { headers } = await this.#exchange.send({ method: 'OPTIONS', url: path, isResource: false, fields: [] });
      server = readServer(headers);
    } catch (error) {
      // A server need not answer this.
      if (!(error instanceof StatusError) || ![404, 405, 501].includes(error.status)) throw error;
    }
    if (checksum && !server.checksums.has(checksum)) {
      const known = [...server.checksums].join(', ') || 'none';
      throw new ConfigError('upload.checksum', `${checksum} is not one of the server's: ${known}`);
    }
    if (this.#size === undefined && !server.extensions.has('creation-defer-length')) {
      throw new ConfigError('upload.size', 'is needed: this server takes no uploads of unknown size');
    }
    return server;
  }

  async #whole(): Promise<{ url: string; response: ApiResponse<unknown> }> {
    const part = this.#part(0, this.#source, this.#main, [], writeMetadata(this.#settings.metadata));
    const response = await this.#main.until(() => part.run(), part, this.#source);
    return { url: part.url!, response };
  }

  async #together(): Promise<{ url: string; response: ApiResponse<unknown> }> {
    const { source, path, metadata, store, fingerprint, as } = this.#settings;
    const size = this.#size!;
    const count = this.#parts.length;
    const runs = this.#parts.map(async (_, i) => {
      const [from, to] = [Math.floor((size * i) / count), Math.floor((size * (i + 1)) / count)];
      const bytes = partOf(openSource(source, size), from, to);
      const persistence = this.#persistence();
      const part = this.#part(i, bytes, persistence, ['upload-concat', 'partial'], '');
      await persistence.until(() => part.run(), part, bytes);
      bytes.close();
      return part.url!;
    });
    const urls = await Promise.all(runs);
    const about = metadata && writeMetadata(metadata);
    const fields = [...this.#dialect.common, 'upload-concat', `final;${urls.join(' ')}`];
    if (about) fields.push('upload-metadata', about);
    try {
      const request = { method: 'POST', url: path, isResource: false, fields, as };
      const response = await this.#main.until(() => this.#exchange.send(request));
      return { url: locationOf(response) ?? response.url, response };
    } catch (error) {
      // One of the parts is gone: the next subscription sends them anew.
      if (isGone(error)) await store.remove(fingerprint);
      throw error;
    }
  }

  #part(i: number, source: ByteSource, by: Persistence, fields: readonly string[], metadata: string): UploadPart {
    const { client, path, chunkBytes, checksum, as } = this.#settings;
    const rules = { exchange: this.#exchange, dialect: this.#dialect, source, path, chunkBytes, checksum };
    return new UploadPart(
      {
        ...rules,
        fields,
        metadata,
        as,
        server: () => this.#ask(),
        now: () => client.clock.now(),
        save: (part) => this.#save(i, part),
        ready: () => by.opened(),
        moved: (loaded) => this.#moved(i, loaded, by),
        arrived: (offset) => {
          this.#arrived[i] = offset;
          by.heard();
          this.#moved(i, offset, by);
        },
      },
      this.#parts[i] ?? undefined,
    );
  }

  async #save(i: number, part: StoredPart | undefined): Promise<void> {
    this.#parts[i] = part ?? null;
    const size = this.#size === undefined ? {} : { size: this.#size };
    const upload: StoredUpload = { ...size, parts: [...this.#parts] };
    await this.#settings.store.set(this.#settings.fingerprint, upload);
  }

  #moved(i: number, loaded: number, { attempt }: Persistence): void {
    if (this.#loaded[i] === loaded) return;
    this.#loaded[i] = loaded;
    if (!this.#tell) return;
    this.#tell({ type: 'upload', attempt, loaded: sumOf(this.#loaded), total: this.#size, [PROGRESS]: true });
  }
}
