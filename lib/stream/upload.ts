import type { Api } from '../http/api.js';
import type { PerExchange } from './exchange-options.js';
import { UploadFlow } from './upload-flow.js';
import { readUpload, type UploadOptions } from './upload-settings.js';
import type { UploadSource } from './upload-source.js';

/**
 * Uploads a file, and goes on behind the last byte that has arrived when the connection breaks or the program restarts.
 *
 * Leaving the Flow pauses the upload, subscribing again goes on. With a `store` another process can.
 *
 * - next: the result, when the server has every byte.
 * - error: a StatusError that does not pass; a ConfigError when the source cannot give what the server asks for; the last
 *   error when it may not be tried again. What has arrived stays at the server.
 * - complete: right after the result.
 * - unsubscribe: breaks off the requests under way, down to the socket, and cuts a wait.
 *
 * One subscription at a time: a second one fails with a ConfigError.
 *
 * @param path - where uploads are created, as for `api.post`; a function is asked anew each time
 * @param source - bytes, a Blob, an open file, a function `(offset) => stream`, or an async iterable
 * @param options - see {@link UploadOptions}
 * @throws ConfigError when an option is wrong
 * @see tus resumable upload protocol 1.0.0: core, creation, creation-with-upload, creation-defer-length, expiration,
 *   checksum, termination, concatenation
 *
 * @example
 * ```ts
 * import { createApi, upload } from 'millrace';
 * import { firstValueFrom } from 'rxjs';
 *
 * const api = createApi({ baseUrl: 'https://api.example.com' });
 * const file = new Uint8Array(50_000);
 * const { bytes } = await firstValueFrom(upload(api, '/files', file, { metadata: { filename: 'a.bin' } }));
 * bytes; // => 50000
 * ```
 */
export function upload<T = string>(
  api: Api,
  path: PerExchange<string>,
  source: UploadSource,
  options: UploadOptions<T> = {},
): UploadFlow<T> {
  return new UploadFlow<T>(readUpload(api, path, source, options as UploadOptions));
}
