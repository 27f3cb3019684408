import type { Api } from '../http/api.js';
import { DownloadRun } from './download-run.js';
import { type DownloadOptions, readDownload } from './download-settings.js';
import type { PerExchange } from './exchange-options.js';
import type { DownloadCursor } from './representation.js';
import { StreamFlow } from './stream-flow.js';
import type { TransferFlow } from './transfer-events.js';

/**
 * Downloads a file, and goes on behind the last byte when the connection breaks.
 *
 * Only pieces of the same representation are put together: it goes on by `Range` with `If-Range` and a strong `ETag`.
 * It completes when the length is what the server said, and the SHA-256 where one is asked for.
 *
 * - next: each piece as it comes, no faster than it is asked for.
 * - error: a StatusError; a ProtocolError when the file has changed, is longer than it should be or has another digest;
 *   the last error when it may not connect again.
 * - complete: when every byte is there.
 * - unsubscribe: closes the connection, or cuts the wait for the next one.
 *
 * Each subscription begins with the first byte, or at `from`.
 *
 * @param path - as for `api.get`; a function is asked anew for each connection, such as for a signed URL
 * @param options - see {@link DownloadOptions}
 * @throws ConfigError when an option is wrong
 * @see RFC 9110, section 14 "Range Requests" and 13.1.5 "If-Range"; RFC 9530 "Digest Fields"
 *
 * @example
 * ```ts
 * import { createApi, download } from 'millrace';
 *
 * const api = createApi({ baseUrl: 'https://api.example.com/v1' });
 * let bytes = 0;
 * for await (const piece of download(api, '/export')) bytes += piece.length;
 * bytes > 1000; // => true
 * ```
 */
export function download(
  api: Api,
  path: PerExchange<string>,
  options: DownloadOptions = {},
): TransferFlow<Uint8Array, DownloadCursor> {
  const settings = readDownload(api, path, options);
  return new StreamFlow((to, tell) => new DownloadRun(to, settings, tell).start());
}
