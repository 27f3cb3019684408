/** What is used of a `TextDecoder`. */
export interface TextSource {
  decode(bytes: Uint8Array): string;
}

/** Keeps a byte order mark, and reads what is not UTF-8 as U+FFFD. */
export const utf8: TextSource = /* @__PURE__ */ new TextDecoder('utf-8', { ignoreBOM: true });
const fatal = /* @__PURE__ */ new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Throws where the bytes are not UTF-8. Where not all is ASCII, Node's fatal decoder takes twice as long. */
export const strictUtf8: TextSource = {
  decode(bytes) {
    const text = utf8.decode(bytes);
    return text.includes('\ufffd') ? fatal.decode(bytes) : text;
  },
};

/** Where the last whole UTF-8 character before `to` ends; `to` itself where the bytes are not UTF-8. */
export function wholeCharacters(bytes: Uint8Array, from: number, to: number): number {
  let lead = to - 1;
  while (lead > from && lead > to - 3 && (bytes[lead]! & 0xc0) === 0x80) lead--;
  const first = bytes[lead]!;
  const size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
  return lead + size > to ? lead : to;
}

/** Where the first UTF-8 character from `from` on begins. */
export function nextCharacter(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at < from + 3 && (bytes[at]! & 0xc0) === 0x80) at++;
  return at;
}

export function join(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

/** How long a text is as UTF-8. Unit: bytes. */
export function utf8Bytes(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    // Two units of a pair make four bytes; a lone one becomes U+FFFD, of three.
    if (unit >= 0x80) bytes += unit < 0x800 || isPaired(text, i, unit) ? 1 : 2;
  }
  return bytes;
}

function isPaired(text: string, i: number, unit: number): boolean {
  if (unit < 0xd800 || unit > 0xdfff) return false;
  return unit < 0xdc00 ? (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00 : (text.charCodeAt(i - 1) & 0xfc00) === 0xd800;
}
