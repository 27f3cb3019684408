import type { Case, Row } from '../harness/contract.ts';
import { brief } from '../harness/stats.ts';

const WIDTH = 1000;
const ROW = 20;
const BAR = { from: 440, to: 700 };
const COLUMNS = { value: 770, ratio: 840, wall: 910, rss: 980 };

const style = `text{font:12px system-ui,sans-serif;fill:#1f2328}.title{font-weight:600;font-size:13px}.head,.note{fill:#656d76}
.ours{font-weight:600}.bar{fill:#8c959f}.bar.ours{fill:#0969da}.bar.ahead{fill:#bc4c00}
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.head,.note{fill:#9198a1}.bar{fill:#656c76}.bar.ours{fill:#4493f8}.bar.ahead{fill:#db6d28}}`;

const escape = (text: string): string =>
  text.replace(/[&<>]/g, (sign) => `&#${sign.codePointAt(0)};`).replaceAll('`', '');

const write = (x: number, y: number, text: string, kind = '', anchor = 'end'): string =>
  text === ''
    ? ''
    : `<text x="${x}" y="${y}" text-anchor="${anchor}"${kind && ` class="${kind}"`}>${escape(text)}</text>`;

/** Draws cases below one another: a bar for each contender, the shorter the better, and its figures. */
export function draw(cases: readonly Case[], name: string): string {
  let y = 0;
  const parts: string[] = [];
  for (const one of cases) {
    parts.push(panel(one, y));
    y += (one.rows.length + (one.failed?.length ?? 0)) * ROW + 62;
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" role="img" aria-label="${escape(name)}">
<style>${style}</style>
${parts.join('\n')}
</svg>
`;
}

function panel({ title, unit, rows, ours, failed = [] }: Case, top: number): string {
  const most = Math.max(...rows.map(({ value }) => value));
  const head = top + 42;
  const isTimed = rows.some(({ wall }) => wall !== undefined);
  const heads = [
    write(10, top + 22, title, 'title', 'start'),
    write(COLUMNS.value, head, isTimed ? `CPU, ${unit}` : unit, 'head'),
    write(COLUMNS.ratio, head, 'x ours', 'head'),
    ...(isTimed ? [write(COLUMNS.wall, head, 'wall', 'head'), write(COLUMNS.rss, head, 'RSS, MB', 'head')] : []),
  ];
  const bars = rows.map((row, index) => line(row, head + (index + 1) * ROW, most, isOurs(row, ours)));
  const notes = failed.map((text, index) =>
    write(10, head + (rows.length + index + 1) * ROW, `failed: ${text}`, 'note', 'start'),
  );
  return [...heads, ...bars, ...notes].filter((part) => part !== '').join('\n');
}

const isOurs = ({ name }: Row, ours: string): boolean => name === ours || name.startsWith('millrace');

function line({ name, value, ratio, wall, rssMb, note }: Row, y: number, most: number, own: boolean): string {
  const kind = own ? 'ours' : '';
  const width = Math.max(1, ((BAR.to - BAR.from) * value) / most);
  const shade = own ? ' ours' : ratio < 1 ? ' ahead' : '';
  return [
    write(BAR.from - 10, y, note === undefined ? name : `${name} (${note})`, kind),
    `<rect x="${BAR.from}" y="${y - 11}" width="${width.toFixed(1)}" height="13" rx="2" class="bar${shade}"/>`,
    write(COLUMNS.value, y, brief(value), kind),
    write(COLUMNS.ratio, y, brief(ratio), kind),
    ...(wall !== undefined && rssMb !== undefined
      ? [write(COLUMNS.wall, y, brief(wall), kind), write(COLUMNS.rss, y, rssMb.toFixed(0), kind)]
      : []),
  ].join('');
}
