// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const UNSENDABLE = /[\0-\x08\n-\x1f\x7f]/;

/**
 * What `Last-Event-ID` is sent as: the bytes of its UTF-8, each as a character, since fields are Latin-1 and an id is
 * any text.
 *
 * @returns `undefined` where no header field can carry it
 */
export function idField(lastEventId: string): string | undefined {
  if (lastEventId === '' || UNSENDABLE.test(lastEventId)) return undefined;
  return Array.from(new TextEncoder().encode(lastEventId), (byte) => String.fromCharCode(byte)).join('');
}
