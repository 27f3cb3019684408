import { StatusError } from '../core/answer-errors.js';
import type { Flow } from '../core/flow.js';
import { fromAsync } from '../core/from-async.js';
import { OneValue } from '../core/one-value.js';
import { ConfigError } from '../core/errors.js';
import type { ConnectionEvent } from './stream-events.js';
import { StreamFlow } from './stream-flow.js';
import type { ByteProgress } from './transfer-events.js';
import { DRAFT_11, isGone, TUS } from './upload-dialect.js';
import { UploadExchange } from './upload-exchange.js';
import { uploadPlainly } from './upload-plain.js';
import { UploadRun } from './upload-run.js';
import type { UploadResult, UploadSettings } from './upload-settings.js';
import { openSource } from './upload-source.js';
import type { ByteSource } from './upload-stream.js';

/**
 * An upload. Unsubscribing pauses it, subscribing goes on.
 *
 * - next: the result, when the server has every byte.
 * - error: when it cannot go on; what has arrived stays at the server, and subscribing again goes on from there.
 * - complete: right after the result.
 * - unsubscribe: breaks off the requests under way, down to the socket, and cuts a wait.
 */
export class UploadFlow<T> extends StreamFlow<UploadResult<T>, number, ConnectionEvent<number> | ByteProgress> {
  readonly #settings: UploadSettings;

  /** @internal */
  constructor(settings: UploadSettings) {
    let source: ByteSource | undefined;
    let isRunning = false;
    const isPlain = settings.protocol === 'put' || settings.protocol === 'multipart';
    super((to, tell) => {
      const run = new OneValue<UploadResult<T>>(to, (one, signal) => {
        if (isRunning) {
          throw new ConfigError('upload', 'runs already: leave it before you subscribe again, or share it by share()');
        }
        isRunning = true;
        const open = (source ??= openSource(settings.source, settings.size));
        const result = isPlain
          ? uploadPlainly(settings, open, signal, tell)
          : new UploadRun(settings, open, signal, tell).run();
        result.then(
          (value) => one.resolve(value as UploadResult<T>),
          (error: unknown) => one.reject(error),
        );
        return () => {
          isRunning = false;
          open.pause();
        };
      });
      run.start();
    });
    this.#settings = settings;
  }

  /**
   * Has the server throw away what it has, and forgets the upload. Leave the upload first.
   *
   * @returns a Flow that completes when that is done, also where there was nothing
   */
  terminate(): Flow<void> {
    return fromAsync(async (signal) => {
      const { client, exchange, store, fingerprint, protocol } = this.#settings;
      const wire = new UploadExchange(client, exchange, signal);
      const fields = protocol === 'tus' ? TUS.common : DRAFT_11.common;
      const stored = await store.get(fingerprint);
      for (const part of stored?.parts ?? []) {
        if (!part) continue;
        try {
          await wire.send({ method: 'DELETE', url: part.url, isResource: true, fields });
        } catch (error) {
          if (!(error instanceof StatusError && isGone(error))) throw error;
        }
      }
      await store.remove(fingerprint);
    });
  }
}
