import { ConfigError } from '../core/errors.js';
import type { Decoder, DecoderContext } from './decoder.js';
import { WholeBody } from './whole-body.js';

const utf8 = /* @__PURE__ */ new TextDecoder();

/** The decoder for a label, if the platform knows it. */
function decoderFor(label: string | undefined): typeof utf8 | undefined {
  if (label === undefined) return undefined;
  try {
    return new TextDecoder(label);
  } catch {
    return undefined;
  }
}

function decode(bytes: Uint8Array, context: DecoderContext): string {
  if (bytes.length === 0) return '';
  const type = context.head?.headers.get('content-type') ?? '';
  const label = /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(type)?.[1];
  return (decoderFor(label) ?? utf8).decode(bytes);
}

/**
 * Reads the whole body as one string.
 *
 * The charset is the argument, else the one the content type names where the platform knows it, else UTF-8. A byte
 * order mark is left out, and what cannot be decoded becomes U+FFFD. A body of no bytes is `''`. Over
 * `limits.bodyBytes` it fails with a `LimitError`.
 *
 * @param charset - a label of the Encoding Standard, such as `latin1`: overrules the content type
 * @throws ConfigError when the platform does not know the charset
 * @see https://encoding.spec.whatwg.org
 *
 * @example
 * ```ts
 * import { text } from 'millrace';
 *
 * text('shift_jis').many; // => false
 * ```
 */
export function text(charset?: string): Decoder<string> {
  const fixed = decoderFor(charset);
  if (charset !== undefined && !fixed) {
    throw new ConfigError(
      'text(charset)',
      `"${charset}" is not a charset this platform knows: try "utf-8" or "latin1"`,
    );
  }
  const read = fixed ? (bytes: Uint8Array) => fixed.decode(bytes) : decode;
  return { accept: 'text/*, */*;q=0.1', many: false, create: (context) => new WholeBody(context, read) };
}
