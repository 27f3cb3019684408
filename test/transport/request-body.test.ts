import { describe, expect, it } from 'vitest';

import type { TransportBody } from '../../lib/transport/contract.js';
import { ACCEPT_ENCODING } from '../../lib/transport/codings.js';
import { outgoing } from '../../lib/transport/request-body.js';
import { Upload } from '../../lib/transport/upload.js';
import { requestFor } from '../support/contract/bench.js';
import { source } from '../support/contract/patterns.js';
import type { Ask } from '../support/contract/types.js';

const url = 'http://api.test/';
const send = (ask: Ask) => outgoing(requestFor(url, ask));
const lengthOf = (ask: Ask) => {
  const { headers } = send(ask);
  return headers.includes('content-length') ? headers[headers.indexOf('content-length') + 1] : undefined;
};

describe('header fields that a request lacks', () => {
  it('are the codings that we can undo', () => {
    expect(send({}).headers).toEqual(['accept-encoding', ACCEPT_ENCODING]);
    expect(send({ headers: [['Accept-Encoding', 'identity']] }).headers).toEqual(['Accept-Encoding', 'identity']);
  });

  it('are none of them where a range of the bytes is asked for', () => {
    expect(send({ headers: [['range', 'bytes=5-']] }).headers).toEqual([
      ...['range', 'bytes=5-'],
      ...['accept-encoding', 'identity'],
    ]);
  });

  it('are the length of a body that is known beforehand', () => {
    expect(lengthOf({ body: new Blob(['12345']) })).toBe('5');
    expect(lengthOf({ body: source(2, 10), bodyBytes: 20 })).toBe('20');
    expect(lengthOf({ body: source(2, 10), bodyBytes: undefined })).toBeUndefined();
    expect(lengthOf({ body: new Blob(['12345']), headers: [['content-length', '5']] })).toBe('5');
  });

  it('are the type of a body that has one, unless the caller names another', () => {
    const blob = new Blob(['{}'], { type: 'application/json' });

    expect(send({ body: blob }).headers).toContain('application/json');
    expect(send({ body: blob, headers: [['Content-Type', 'text/x']] }).headers).not.toContain('application/json');
    expect(send({ body: new Blob(['x']) }).headers).not.toContain('content-type');
  });
});

describe('a body', () => {
  const big = new Uint8Array(200_000);
  const whole: readonly (readonly [string, TransportBody])[] = [
    ['a text', 'text'],
    ['bytes', big],
  ];

  it.each(whole)('that is %s leaves in one go', (_name, body) => {
    expect(send({ method: 'POST', body })).toMatchObject({ body });
  });

  it('that is large leaves in pieces where somebody watches', async () => {
    for (const body of [big, 'x'.repeat(200_000)]) {
      const upload = send({ method: 'POST', body, uploadProgress: true }).body as Upload;
      const sizes: number[] = [];
      for await (const piece of upload) sizes.push(piece.length);
      expect([upload.bytes, sizes]).toEqual([200_000, [65_536, 65_536, 65_536, 3_392]]);
    }
    expect(send({ method: 'POST', body: 'small', uploadProgress: true }).body).toBe('small');
  });

  it('that is a form of texts is one piece, and one with a file is read when its turn comes', () => {
    const form = new FormData();
    form.append('a', '1');
    expect(send({ method: 'POST', body: form }).body).toBeInstanceOf(Uint8Array);
    form.append('b', new Blob(['2']));
    expect(send({ method: 'POST', body: form }).body).toBeInstanceOf(Upload);
  });
});
