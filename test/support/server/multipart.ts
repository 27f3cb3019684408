import { createHash } from 'node:crypto';

export interface Part {
  readonly name: string | undefined;
  readonly filename: string | undefined;
  readonly type: string | undefined;
  readonly size: number;
  readonly sha256: string;
  /** The content as UTF-8, its first 1,000 characters. */
  readonly text: string;
  readonly head: string;
}

/** Takes a multipart/form-data body apart, strictly: undefined where it is not well formed. */
export function partsOf(contentType: string, body: Buffer): Part[] | undefined {
  const boundary = /boundary="?([^";]+)"?/.exec(contentType)?.[1];
  if (boundary === undefined) return undefined;
  const delimiter = `\r\n--${boundary}`;
  const whole = Buffer.concat([Buffer.from('\r\n'), body]);
  const parts: Part[] = [];
  let at = whole.indexOf(delimiter);
  while (at >= 0) {
    const start = at + delimiter.length;
    if (whole.toString('latin1', start, start + 2) === '--') return parts;
    at = whole.indexOf(delimiter, start);
    const part = at < 0 ? undefined : partOf(whole.subarray(start, at));
    if (!part) return undefined;
    parts.push(part);
  }
  return undefined;
}

function partOf(bytes: Buffer): Part | undefined {
  const blank = bytes.indexOf('\r\n\r\n');
  if (blank < 0 || bytes.toString('latin1', 0, 2) !== '\r\n') return undefined;
  const head = bytes.toString('utf8', 2, blank);
  const content = bytes.subarray(blank + 4);
  const parameter = (name: string) => new RegExp(`content-disposition:.*; ${name}="([^"]*)"`, 'i').exec(head)?.[1];
  return {
    name: parameter('name'),
    filename: parameter('filename'),
    type: /content-type: *(.+)/i.exec(head)?.[1]?.trim(),
    size: content.length,
    sha256: createHash('sha256').update(content).digest('hex'),
    text: content.toString('utf8').slice(0, 1000),
    head,
  };
}
