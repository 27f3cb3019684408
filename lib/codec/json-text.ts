import { DecodeError } from '../core/answer-errors.js';
import { oneLine } from '../core/one-line.js';
import type { Head } from '../core/wire.js';

/** Letters of a body that an error message shows, on either side of the fault. */
const AROUND = 20;

/** Where the text stops being JSON, in the engine's words, with a few letters around it. */
function fault(text: string, error: unknown): string {
  const reason = error instanceof Error ? error.message.slice(0, 120) : '';
  const at = Number(/position (\d+)/.exec(reason)?.[1] ?? Number.NaN);
  if (at >= 0) return `${reason}, in "${text.slice(Math.max(0, at - AROUND), at + AROUND)}"`;
  return `${reason}; ${text.length} characters that begin "${text.slice(0, AROUND)}"`;
}

/** What the server called the body, where that is not JSON. */
function claim(head: Head | undefined): string {
  const type = head?.headers.get('content-type');
  return type && !/[/+]json\b/i.test(type) ? `; got ${type.slice(0, 60)}` : '';
}

/**
 * Parses one JSON text. `__proto__` becomes plain own data, as `JSON.parse` has it.
 *
 * @param record - which record it is, from 1; 0 when the body is one value
 * @param head - of the answer, whose content type the error names
 * @throws DecodeError when it is not JSON
 */
export function parseJson(text: string, record = 0, head?: Head): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw badJson(fault(text, error), record, head, error);
  }
}

/** Makes the error for a text that is not JSON. */
export function badJson(why: string, record: number, head?: Head, cause?: unknown): DecodeError {
  const what = record === 0 ? 'the body' : `record ${record}`;
  return new DecodeError(oneLine(`${what} is not JSON: ${why}${claim(head)}`), record, { cause });
}
