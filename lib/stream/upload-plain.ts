import { ConfigError } from '../core/errors.js';
import { PROGRESS } from '../core/progress.js';
import type { SignalLike } from '../core/signal.js';
import type { BlobLike, ByteStream, FormDataLike } from '../transport/contract.js';
import type { TellTransfer } from './transfer-flow.js';
import { UploadExchange } from './upload-exchange.js';
import { Persistence } from './upload-persistence.js';
import type { UploadResult, UploadSettings } from './upload-settings.js';
import { isBlob } from './upload-source.js';
import type { ByteSource } from './upload-stream.js';

interface Platform {
  readonly Blob: new (parts: readonly unknown[]) => BlobLike;
  readonly FormData: new () => FormDataLike & { append(name: string, value: unknown, file?: string): void };
}
const platform = globalThis as unknown as Platform;

/** @param onRead - is told how many bytes have been read */
async function* piecesOf(
  source: ByteSource,
  chunkBytes: number,
  onRead: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  for (let at = 0; ;) {
    const { body, bytes, isLast } = await source.read(at, chunkBytes);
    at += bytes;
    onRead(at);
    if (bytes > 0) yield body as Uint8Array;
    if (isLast) return;
  }
}

type Body = Uint8Array | BlobLike | FormDataLike | (() => ByteStream);

async function formOf({ source, metadata }: UploadSettings, bytes: ByteSource): Promise<FormDataLike> {
  const isWhole = isBlob(source) || ArrayBuffer.isView(source) || source instanceof ArrayBuffer;
  if (!isWhole) throw new ConfigError('upload.source', 'must be bytes or a Blob to be sent in a form');
  const { body } = await bytes.read(0, Infinity);
  const form = new platform.FormData();
  for (const [name, value] of Object.entries(metadata)) form.append(name, value);
  const name = metadata['filename'] ?? (isBlob(source) ? source.name : undefined) ?? 'file';
  form.append('file', isBlob(source) ? source : new platform.Blob([body]), name);
  return form;
}

async function bodyOf(settings: UploadSettings, bytes: ByteSource, onRead: (bytes: number) => void): Promise<Body> {
  const { source, protocol, chunkBytes } = settings;
  if (protocol === 'multipart') return formOf(settings, bytes);
  if (isBlob(source)) return source;
  if (ArrayBuffer.isView(source)) return (await bytes.read(0, Infinity)).body;
  return () => piecesOf(bytes, chunkBytes, onRead);
}

/** One request with all bytes. After a failure only a PUT is sent again, and only what can be read twice. */
export async function uploadPlainly(
  settings: UploadSettings,
  bytes: ByteSource,
  signal: SignalLike,
  tell: TellTransfer<number> | undefined,
): Promise<UploadResult> {
  const { client, exchange, protocol, path, as, reconnect } = settings;
  const method = protocol === 'put' ? 'PUT' : 'POST';
  const isRepeatable = method === 'PUT' && bytes.canSeek;
  const wire = new UploadExchange(client, exchange, signal);
  const rules = isRepeatable ? settings : { client, reconnect: { ...reconnect, attempts: 1 } };
  const persistence = new Persistence(rules, wire, tell, () => undefined);
  const total = await bytes.size();
  let read = 0;
  const body = await bodyOf(settings, bytes, (at) => (read = at));
  const onProgress = (loaded: number): void => {
    persistence.opened();
    const isForm = protocol === 'multipart';
    tell?.({
      type: 'upload',
      attempt: persistence.attempt,
      loaded,
      total: isForm ? undefined : total,
      [PROGRESS]: true,
    });
  };
  const request = { method, url: path, isResource: false, fields: [], body, as, onProgress };
  const response = await persistence.until(() => wire.send(request));
  persistence.opened();
  bytes.close();
  return { url: response.url, bytes: total ?? read, response };
}
