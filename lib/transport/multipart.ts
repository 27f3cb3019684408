import { Buffer } from 'node:buffer';

import { ConfigError } from '../core/errors.js';
import { uuid } from '../core/random.js';
import type { BlobLike, ByteStream, FormDataLike } from './contract.js';

/** A form, encoded as `multipart/form-data` (RFC 7578). */
export interface Multipart {
  readonly contentType: string;
  readonly bytes: number;
  /** Text, and files that are read only when their turn comes. */
  readonly parts: readonly (Uint8Array | BlobLike)[];
}

/** Encodes by hand: undici knows only its own FormData, and the boundary must be beyond guessing. */
export function multipart(form: FormDataLike): Multipart {
  const boundary = `millrace-${uuid()}`;
  const parts: (Uint8Array | BlobLike)[] = [];
  let text = '';
  for (const [name, value] of form) {
    text += `--${boundary}\r\ncontent-disposition: form-data; name="${quoted(lines(name))}"`;
    if (typeof value === 'string') {
      text += `\r\n\r\n${lines(value)}\r\n`;
      continue;
    }
    const file = value as BlobLike & { readonly name?: string };
    text += `; filename="${quoted(file.name ?? 'blob')}"\r\ncontent-type: ${mediaType(file.type)}\r\n\r\n`;
    parts.push(Buffer.from(text), file);
    text = '\r\n';
  }
  parts.push(Buffer.from(`${text}--${boundary}--\r\n`));
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    bytes: parts.reduce((sum, part) => sum + sizeOf(part), 0),
    parts,
  };
}

/** The parts one after the other. */
export async function* streamed(parts: readonly (Uint8Array | BlobLike)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) {
    if (part instanceof Uint8Array) yield part;
    else yield* part.stream() as ByteStream;
  }
}

function sizeOf(part: Uint8Array | BlobLike): number {
  return part instanceof Uint8Array ? part.length : part.size;
}

/** As the HTML standard has it: a form's line ends are CRLF. */
function lines(text: string): string {
  return text.replaceAll(/\r\n?|\n/g, '\r\n');
}

/** What could end the quotes or the line cannot stay: a file name must not add header fields. */
function quoted(text: string): string {
  return text.replaceAll('\n', '%0A').replaceAll('\r', '%0D').replaceAll('"', '%22');
}

function mediaType(type: string): string {
  const text = type || 'application/octet-stream';
  if (/[^\t\x20-\x7e]/.test(text)) throw new ConfigError('body', `a file has the type ${JSON.stringify(text)}`);
  return text;
}
