import type { SseEvent } from '../../lib/codec/sse-types.js';

/** All that a stream brings. */
export interface Parsed {
  readonly events: SseEvent[];
  readonly retries: number[];
  readonly comments: string[];
  readonly ids: string[];
}

/** The steps of the HTML Standard, word by word, on a body that is there as a whole. */
export function parseBySteps(bytes: Uint8Array): Parsed {
  const parsed: Parsed = { events: [], retries: [], comments: [], ids: [] };
  const text = new TextDecoder().decode(bytes);
  // What the last line end does not end is no line.
  const lines = text.split(/\r\n|\r|\n/).slice(0, -1);
  let [data, type, id, lastId] = ['', '', '', ''];
  for (const line of lines) {
    if (line === '') {
      const isNew = lastId !== id;
      lastId = id;
      if (data !== '') {
        parsed.events.push({ type: type || 'message', data: data.replace(/\n$/, ''), lastEventId: id });
      } else if (isNew) parsed.ids.push(id);
      data = type = '';
      continue;
    }
    const [, name = '', value = ''] = /^([^:]*)(?::\u0020?(.*))?$/su.exec(line)!;
    if (name === '') parsed.comments.push(value);
    else if (name === 'data') data += `${value}\n`;
    else if (name === 'event') type = value;
    else if (name === 'id' && !value.includes('\0')) id = value;
    else if (name === 'retry' && /^[0-9]+$/.test(value)) parsed.retries.push(Number(value));
  }
  return parsed;
}
