import { describe, expect, it } from 'vitest';

import type { BlobLike, FormDataLike } from '../../lib/transport/contract.js';
import { multipart, streamed } from '../../lib/transport/multipart.js';

async function encode(form: FormDataLike) {
  const { contentType, bytes, parts } = multipart(form);
  const pieces: Uint8Array[] = [];
  for await (const piece of streamed(parts)) pieces.push(piece);
  const whole = Buffer.concat(pieces);
  return { contentType, bytes, whole, text: whole.toString() };
}

/** What the platform makes of it. */
const parsed = async ({ contentType, whole }: Awaited<ReturnType<typeof encode>>) => [
  ...(await new Response(new Uint8Array(whole), { headers: { 'content-type': contentType } }).formData()),
];

describe('a form as multipart/form-data', () => {
  it('says its length, and the platform reads it back', async () => {
    const form = new FormData();
    form.append('text', 'a\r\nb');
    form.append('ünï', 'cödé 😀');
    form.append('file', new File([new Uint8Array([0, 255, 13, 10])], 'bytes.bin', { type: 'application/x-bytes' }));
    form.append('empty', new Blob([]));
    const encoded = await encode(form);

    expect(encoded.bytes).toBe(encoded.whole.length);
    const fields = await parsed(encoded);
    expect(fields.slice(0, 2)).toEqual([
      ['text', 'a\r\nb'],
      ['ünï', 'cödé 😀'],
    ]);
    const [file, empty] = fields.slice(2).map(([, value]) => value as File);
    expect([file!.name, file!.type, new Uint8Array(await file!.arrayBuffer())]).toEqual([
      'bytes.bin',
      'application/x-bytes',
      new Uint8Array([0, 255, 13, 10]),
    ]);
    expect([empty!.name, empty!.type, empty!.size]).toEqual(['blob', 'application/octet-stream', 0]);
  });

  it('is one piece where it holds only texts, and well formed where it holds nothing', async () => {
    const form = new FormData();
    expect(await parsed(await encode(form))).toEqual([]);
    form.append('a', '1');
    expect(multipart(form).parts).toHaveLength(1);
  });

  it('lets no name, file name or text add header fields', async () => {
    const form = new FormData();
    form.append('a"\r\nx-evil: 1\r\n\r\n', new File(['x'], 'b"\r\nx-evil: 2\n'));
    form.append('line', 'one\ntwo\rthree\r\nfour');
    const { text } = await encode(form);

    expect(text).not.toMatch(/^x-evil/m);
    expect(text).toContain('name="a%22%0D%0Ax-evil: 1%0D%0A%0D%0A"; filename="b%22%0D%0Ax-evil: 2%0A"');
    expect(text).toContain('one\r\ntwo\r\nthree\r\nfour');
  });

  it('refuses a type that would add header fields', () => {
    const file: BlobLike = {
      size: 1,
      type: 'text/plain\r\nx-evil: 1',
      arrayBuffer: () => Promise.reject(),
      stream: () => [],
    };
    const form = {
      ...{ append() {}, [Symbol.toStringTag]: 'FormData' },
      [Symbol.iterator]: () => [['f', file] as const].values(),
    };

    expect(() => multipart(form)).toThrow(expect.objectContaining({ kind: 'config', field: 'body' }));
  });

  it('has another boundary each time, which nobody can guess', () => {
    const boundaries = Array.from({ length: 100 }, () => multipart(new FormData()).contentType);

    expect(new Set(boundaries).size).toBe(100);
    expect(boundaries[0]).toMatch(/^multipart\/form-data; boundary=millrace-[-0-9a-f]{36}$/);
  });
});
