import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * Writes the head of an answer that brings a file, or what is left of it behind the bytes that the client has.
 *
 * @returns the first byte to send
 */
export function beginFile(
  { headers }: Pick<IncomingMessage, 'headers'>,
  response: ServerResponse,
  file: Uint8Array,
  etag: string,
): number {
  const at = headers['if-range'] === etag ? Number(/\d+/.exec(headers.range ?? '')?.[0] ?? 0) : 0;
  const range = { 'content-range': `bytes ${at}-${file.length - 1}/${file.length}` };
  response.writeHead(at > 0 ? 206 : 200, { etag, 'content-length': file.length - at, ...(at > 0 && range) });
  return at;
}
