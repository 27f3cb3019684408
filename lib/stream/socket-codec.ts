import { ConfigError } from '../core/errors.js';
import { does } from '../http/settings.js';
import type { SocketData } from './socket-contract.js';
import type { SocketCodec } from './socket-types.js';

/** A codec whose types nobody needs to know here. */
export type AnyCodec = SocketCodec<unknown, unknown>;

const decoder = /* @__PURE__ */ new TextDecoder('utf-8', { fatal: true });
const encoder = /* @__PURE__ */ new TextEncoder();

const textOf = (data: SocketData): string => (typeof data === 'string' ? data : decoder.decode(data));
const bytesOf = (data: SocketData): Uint8Array => (typeof data === 'string' ? encoder.encode(data) : data);

/** Each reads both kinds of frame, since servers use either for text. */
const CODECS: Readonly<Record<string, AnyCodec>> = {
  json: {
    decode: (data) => JSON.parse(textOf(data)),
    encode(message) {
      const text = JSON.stringify(message) as string | undefined;
      if (text === undefined) throw new ConfigError('message', `JSON has no ${typeof message}`);
      return text;
    },
  },
  text: {
    decode: textOf,
    encode(message) {
      if (typeof message !== 'string') throw new ConfigError('message', "must be a string, for the codec 'text'");
      return message;
    },
  },
  bytes: {
    decode: bytesOf,
    encode(message) {
      if (message instanceof Uint8Array) return message;
      throw new ConfigError('message', "must be a Uint8Array, for the codec 'bytes'");
    },
  },
};

/** @throws ConfigError when it is no codec */
export function readCodec(input: unknown = 'json', field: string): AnyCodec {
  if (does(input, 'decode', 'encode')) return input as AnyCodec;
  const codec = typeof input === 'string' && Object.hasOwn(CODECS, input) ? CODECS[input] : undefined;
  if (codec) return codec;
  throw new ConfigError(field, "must be 'json', 'text', 'bytes' or { decode, encode }");
}

/** Whether a text takes more bytes than that in UTF-8. */
export function isLonger(data: SocketData, bytes: number): boolean {
  if (data.length > bytes) return true;
  // A UTF-16 unit takes three bytes at most.
  return typeof data === 'string' && data.length * 3 > bytes && encoder.encode(data).length > bytes;
}
