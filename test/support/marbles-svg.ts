import { type MarbleRow, type Mark, readMarbles } from './marbles-text.js';

type Stream = Extract<MarbleRow, { type: 'stream' }>;
type Subscription = Extract<MarbleRow, { type: 'subscription' }>;

const step = 26; // width of one column
const radius = 12;
const edge = 8;
const heights = { stream: 42, subscription: 22, operator: 52 };
const letterWidth = 7.8;

// One rule set for light pages, one for dark ones. Marbles keep their colour, so they look the same in both.
const style = `
text{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;fill:#1f2328}
.time{stroke:#59636e;stroke-width:2;fill:none}.head{fill:#59636e}
.end{stroke:#1f2328;stroke-width:3}.bad{stroke:#d1242f;stroke-width:3}
.bar{fill:#8c959f}.box{fill:#f6f8fa;stroke:#8c959f}.group{fill:none;stroke:#8c959f}
.letter{font-weight:600;fill:#1f2328;text-anchor:middle}.call{text-anchor:middle}
@media (prefers-color-scheme:dark){text{fill:#f0f6fc}.letter{fill:#1f2328}.time{stroke:#9198a1}.head{fill:#9198a1}
.end{stroke:#f0f6fc}.bad{stroke:#ff7b72}.box{fill:#161b22;stroke:#9198a1}.group{stroke:#9198a1}.bar{fill:#6e7681}}`.trim();

const colours = ['#7cc4fa', '#f9c74f', '#95d5a6', '#f4a3b5', '#c5b3f5', '#f8ad7e', '#8adcd6', '#d3d66b'];

/** Draws the text of a `marble` fence. The same text gives the same bytes. */
export function drawMarbles(text: string, title: string): string {
  const picture = readMarbles(text);
  const labels = picture.rows.map((row) => (row.type === 'operator' ? '' : row.label));
  const left = edge + Math.ceil(Math.max(0, ...labels.map((label) => label.length)) * letterWidth) + 12;
  const calls = picture.rows.map((row) => (row.type === 'operator' ? row.text.length * letterWidth + 32 : 0));
  const width = Math.max(left + picture.length * step + 14, ...calls.map((call) => left + Math.ceil(call))) + edge;
  let top = edge;
  const body = picture.rows.map((row) => {
    const middle = top + heights[row.type] / 2;
    top += heights[row.type];
    return drawRow(row, { left, middle, width });
  });
  const size = `width="${width}" height="${top + edge}" viewBox="0 0 ${width} ${top + edge}"`;
  const head = `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img" aria-label="${escape(title)}">`;
  return [head, `<style>${style}</style>`, ...body, '</svg>', ''].join('\n');
}

interface Place {
  readonly left: number;
  readonly middle: number;
  readonly width: number;
}

function drawRow(row: MarbleRow, place: Place): string {
  if (row.type === 'operator') return drawOperator(row.text, place);
  const label = `<text x="${edge}" y="${place.middle + 4}">${escape(row.label)}</text>`;
  return `${label}\n${row.type === 'stream' ? drawStream(row, place) : drawSubscription(row, place)}`;
}

function drawOperator(text: string, { left, middle, width }: Place): string {
  const box = `<rect class="box" x="${left}" y="${middle - 17}" width="${width - edge - left}" height="34" rx="8"/>`;
  return `${box}\n<text class="call" x="${(left + width - edge) / 2}" y="${middle + 4}">${escape(text)}</text>`;
}

function drawStream({ start, end, marks }: Stream, { left, middle }: Place): string {
  const x = (column: number) => left + column * step + step / 2;
  const tip = left + end * step + 12;
  const line = `<path class="time" d="M${left + start * step} ${middle}H${tip - 6}"/>`;
  const arrow = `<path class="head" d="M${tip} ${middle}l-9 -5v10z"/>`;
  return [line, arrow, ...marks.map((mark) => drawMark(mark, x(mark.at), middle))].join('\n');
}

function drawMark({ kind, text }: Mark, x: number, y: number): string {
  if (kind === 'complete') return `<path class="end" d="M${x} ${y - 13}v26"/>`;
  if (kind === 'error') return `<path class="bad" d="M${x - 8} ${y - 8}l16 16m0 -16l-16 16"/>`;
  if (kind === 'group') {
    return `<rect class="group" x="${x - 4}" y="${y - 17}" width="${(text.length - 1) * step + 8}" height="34" rx="17"/>`;
  }
  const colour = colours[(text.codePointAt(0) ?? 0) % colours.length];
  const circle = `<circle cx="${x}" cy="${y}" r="${radius}" fill="${colour}" stroke="#1f2328"/>`;
  return `${circle}<text class="letter" x="${x}" y="${y + 4.5}">${escape(text)}</text>`;
}

function drawSubscription({ start, end, open }: Subscription, { left, middle }: Place): string {
  const from = left + start * step + step / 2;
  const to = left + end * step + (open ? 0 : step / 2);
  const ends = [from, ...(open ? [] : [to])].map(
    (x) => `<rect class="bar" x="${x - 1.5}" y="${middle - 8}" width="3" height="16"/>`,
  );
  return [`<rect class="bar" x="${from}" y="${middle - 2.5}" width="${to - from}" height="5"/>`, ...ends].join('\n');
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
