/**
 * The text of a `marble` fence, read into shapes.
 *
 *     source        -a-b-c---|
 *     subs          ^--------!
 *     > mergeOrdered(load)
 *     result        ---a-b-c-|
 *
 * A row is a label, two spaces or more, and a diagram; a row that starts with `>` is the operator's box. One column is
 * one step of time, and all diagrams start at the leftmost one: a diagram that is indented further starts later.
 *
 *     -        a step in which nothing happens
 *     a        a value, any letter or digit
 *     (ab|)    several things in the same step; the steps they are written in pass too, as in RxJS
 *     |  #     completion, error
 *     ^  !     subscription, unsubscription; such a row is drawn as a bar
 */
export interface MarblePicture {
  readonly rows: readonly MarbleRow[];
  /** Columns in all. */
  readonly length: number;
}

export type MarbleRow =
  | { readonly type: 'operator'; readonly text: string }
  | {
      readonly type: 'stream';
      readonly label: string;
      readonly start: number;
      readonly end: number;
      readonly marks: readonly Mark[];
    }
  | {
      readonly type: 'subscription';
      readonly label: string;
      readonly start: number;
      readonly end: number;
      readonly open: boolean;
    };

export interface Mark {
  readonly at: number;
  readonly kind: 'value' | 'complete' | 'error' | 'group';
  readonly text: string;
}

/** @throws when a row has no diagram, or a diagram a character that means nothing */
export function readMarbles(text: string): MarblePicture {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const rows = lines.map((line) => (line.startsWith('>') ? line.slice(1).trim() : split(line)));
  const origin = Math.min(...rows.map((row) => (typeof row === 'string' ? Infinity : row.column)));
  const read = rows.map((row) =>
    typeof row === 'string' ? { type: 'operator' as const, text: row } : readRow(row, origin),
  );
  return { rows: read, length: Math.max(1, ...read.map((row) => (row.type === 'operator' ? 0 : row.end))) };
}

interface Row {
  readonly label: string;
  readonly column: number;
  readonly diagram: string;
}

function split(line: string): Row {
  const [, label = '', gap = '', diagram] = /^(.*?)(\s{2,})(\S+)\s*$/.exec(line) ?? [];
  if (diagram === undefined) throw new Error(`marble row "${line}": write a label, two spaces or more, and a diagram`);
  const wrong = /[^-\w()|#^!]/.exec(diagram);
  if (wrong) throw new Error(`marble row "${line}": "${wrong[0]}" means nothing in a diagram`);
  return { label: label.trim(), column: label.length + gap.length, diagram };
}

function readRow({ label, column, diagram }: Row, origin: number): MarbleRow {
  const start = column - origin;
  const subscribed = diagram.indexOf('^');
  if (subscribed >= 0) {
    const left = diagram.indexOf('!');
    const end = start + (left < 0 ? diagram.length : left);
    return { type: 'subscription', label, start: start + subscribed, end, open: left < 0 };
  }
  const marks: Mark[] = [];
  for (const [index, character] of [...diagram].entries()) {
    const at = start + index;
    if (character === '|') marks.push({ at, kind: 'complete', text: '' });
    else if (character === '#') marks.push({ at, kind: 'error', text: '' });
    else if (character === '(')
      marks.push({ at, kind: 'group', text: diagram.slice(index, diagram.indexOf(')', index) + 1) });
    else if (/\w/.test(character)) marks.push({ at, kind: 'value', text: character });
  }
  return { type: 'stream', label, start, end: start + diagram.length, marks };
}
