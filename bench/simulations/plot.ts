export interface Series {
  readonly name: string;
  /** What the reader should look at is drawn in the first colours, the rest in grey. */
  readonly muted?: boolean;
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface Plot {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly logX?: boolean;
  readonly logY?: boolean;
  /** A stretch of the x axis to mark: a fault, a burst. */
  readonly marked?: { readonly from: number; readonly to: number; readonly name: string };
  readonly series: readonly Series[];
}

const WIDTH = 860;
const HEIGHT = 376;
const AREA = { left: 60, right: 560, top: 58, bottom: 326 };
const COLOURS = ['#0969da', '#bc4c00', '#1a7f37', '#8250df', '#bf3989', '#57606a'];

const style = `text{font:12px system-ui,sans-serif;fill:#1f2328}.title{font-weight:600;font-size:13px}.soft{fill:#656d76}
.grid{stroke:#d0d7de;stroke-width:1}.marked{fill:#ffebe9}.line{fill:none;stroke-width:2}.muted{opacity:.55}
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.soft{fill:#9198a1}.grid{stroke:#30363d}.marked{fill:#3c1618}}`;

const escape = (said: string): string => said.replace(/[&<>]/g, (sign) => `&#${sign.codePointAt(0)};`);
const brief = (value: number): string => (Math.abs(value) >= 1000 ? `${Math.round(value / 100) / 10}k` : String(value));

interface Scale {
  readonly at: (value: number) => number;
  readonly ticks: readonly number[];
}

/** Draws lines over one pair of axes, with a legend beside them. */
export function drawPlot(plot: Plot): string {
  const all = plot.series.flatMap(({ points }) => points);
  const x = scale(
    all.map(([value]) => value),
    AREA.left,
    AREA.right,
    plot.logX,
  );
  const y = scale([...all.map(([, value]) => value), plot.logY ? NaN : 0], AREA.bottom, AREA.top, plot.logY);
  const parts = [
    `<text x="10" y="20" class="title">${escape(plot.title)}</text>`,
    ...markOf(plot, x),
    ...y.ticks.map((tick) => gridLine(tick, y)),
    ...x.ticks.map((tick) => text(x.at(tick), AREA.bottom + 18, brief(tick), 'middle')),
    text((AREA.left + AREA.right) / 2, AREA.bottom + 38, plot.x, 'middle'),
    text(10, AREA.top - 16, plot.y, 'start'),
    ...plot.series.map((one, i) => lineOf(one, i, x, y)),
    ...plot.series.map((one, i) => legendOf(one, i)),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escape(plot.title)}">
<style>${style}</style>
${parts.join('\n')}
</svg>
`;
}

function text(x: number, y: number, said: string, anchor: string): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}" class="soft">${escape(said)}</text>`;
}

function gridLine(tick: number, y: Scale): string {
  const at = y.at(tick).toFixed(1);
  return `<line x1="${AREA.left}" x2="${AREA.right}" y1="${at}" y2="${at}" class="grid"/>${text(AREA.left - 8, y.at(tick) + 4, brief(tick), 'end')}`;
}

function markOf({ marked }: Plot, x: Scale): string[] {
  if (!marked) return [];
  const [from, to] = [x.at(marked.from), x.at(marked.to)];
  return [
    `<rect x="${from.toFixed(1)}" y="${AREA.top}" width="${(to - from).toFixed(1)}" height="${AREA.bottom - AREA.top}" class="marked"/>`,
    text((from + to) / 2, AREA.top + 14, marked.name, 'middle'),
  ];
}

function lineOf({ points, muted }: Series, index: number, x: Scale, y: Scale): string {
  const path = points.map(([a, b], i) => `${i === 0 ? 'M' : 'L'}${x.at(a).toFixed(1)} ${y.at(b).toFixed(1)}`).join('');
  return `<path d="${path}" class="line${muted ? ' muted' : ''}" stroke="${colourOf(index)}"/>`;
}

function legendOf({ name, muted }: Series, index: number): string {
  const y = AREA.top + 10 + index * 20;
  const from = AREA.right + 16;
  return `<line x1="${from}" x2="${from + 18}" y1="${y}" y2="${y}" class="line${muted ? ' muted' : ''}" stroke="${colourOf(index)}"/><text x="${from + 24}" y="${y + 4}">${escape(name)}</text>`;
}

const colourOf = (index: number): string => COLOURS[index % COLOURS.length]!;

function scale(values: readonly number[], from: number, to: number, log = false): Scale {
  const finite = values.filter((value) => Number.isFinite(value) && (!log || value > 0));
  const [least, most] = [Math.min(...finite), Math.max(...finite)];
  const ticks = log ? decades(least, most) : steps(least, most);
  const place = log ? Math.log10 : (value: number): number => value;
  const [low, high] = [place(ticks[0]!), place(ticks.at(-1)!)];
  const at = (value: number): number =>
    from + ((place(log ? Math.max(value, ticks[0]!) : value) - low) / (high - low)) * (to - from);
  return { at, ticks };
}

function decades(least: number, most: number): number[] {
  const first = Math.floor(Math.log10(least));
  const last = Math.max(first + 1, Math.ceil(Math.log10(most)));
  return Array.from({ length: last - first + 1 }, (_, i) => 10 ** (first + i));
}

/** Round numbers, five or so. */
function steps(least: number, most: number): number[] {
  const rough = (most - least || 1) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((times) => times * power).find((one) => one >= rough)!;
  const first = Math.floor(least / step);
  const last = Math.ceil(most / step);
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}
