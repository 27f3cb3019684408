import { compare, type Contender, type Plan } from '../harness/compare.ts';
import type { Case, Effort, Part, Row } from '../harness/contract.ts';
import { Worker } from '../harness/worker.ts';
import { startServer } from '../http/start-server.ts';

const runner = new URL('runner.ts', import.meta.url);

/** Names, files, and whether time or memory grow with the square of the items: those get fewer. */
const contenders: readonly (readonly [name: string, file: string, quadratic?: true])[] = [
  ['millrace', 'millrace'],
  ['Node Readable.map', 'node-readable'],
  ['streaming-iterables parallelMap', 'streaming-iterables'],
  ['p-map, pMapIterable', 'p-map'],
  ['Effect Stream.mapEffect', 'effect'],
  ['IxJS flatMap', 'ix', true],
  ['RxJS mergeMap + concatMap', 'rxjs', true],
];

const group = (n: number): string => String(n).replace(/\B(?=(\d{3})+$)/g, ' ');

async function side(id: string, title: string, mode: string, n: number, effort: Effort, origin = ''): Promise<Case> {
  const few = effort.quick ? n / 10 : Math.min(n, 100_000);
  const entries = await Promise.all(
    contenders.map(async ([name, file, quadratic]): Promise<Contender> => {
      const program = mode === 'socket' && file === 'millrace' ? 'millrace-client' : file;
      const worker = await Worker.start(runner, program, origin);
      return quadratic ? { name, worker, n: few, note: `of ${group(few)}` } : { name, worker, n };
    }),
  );
  const keep = ['mostHeld', 'peakMb', ...(mode === 'socket' ? ['early'] : [])];
  const plan: Plan = {
    ...{ id, figure: 'flow', title: `${title}, ${group(n)} items; per item`, unit: 'ns', scale: 1000 },
    ...{ ours: 'millrace', order: { mode }, keep },
  };
  // With a slow sink one run is enough to be warm.
  const warmMs = mode === 'free' ? effort.warmMs : 1;
  const patience: Effort = { ...effort, rounds: effort.quick ? 1 : 3, warmMs };
  try {
    const measured = await compare(plan, entries, patience);
    return { ...measured, rows: measured.rows.map(told) };
  } finally {
    await Promise.all(entries.map(({ worker }) => worker.end()));
  }
}

/** Says beside a name what the pipeline held. */
function told(row: Row): Row {
  const { mostHeld = Number.NaN, peakMb = Number.NaN, early } = row.facts ?? {};
  const held = `${group(mostHeld)} held, +${peakMb.toFixed(0)} MB`;
  const sender = early === undefined ? '' : `, sender held ${((1 - early) * 100).toFixed(0)} %`;
  return { ...row, note: [row.note, held + sender].filter((text) => text !== undefined).join('; ') };
}

/** V8 doubles the room for young objects when enough of them have survived, however few at once: here it may not. */
const steady = ['--min-semi-space-size=16', '--max-semi-space-size=16'];

/** How much memory a slow sink costs, by the number of items that wait for it. */
async function flat(sizes: readonly number[]): Promise<Case> {
  const rows: Row[] = [];
  for (const n of sizes) {
    const worker = await Worker.startWith(steady, runner, 'millrace');
    const { facts, wallUs } = await worker.run({ n, mode: 'slow' });
    await worker.end();
    const value = facts['peakMb'] ?? Number.NaN;
    rows.push({
      name: `millrace, ${group(n)} items`,
      value,
      ratio: value / (rows[0]?.value ?? value),
      wall: wallUs,
      facts,
    });
  }
  const title = 'Peak resident set above idle, by the number of items on their way to a slow sink';
  return { id: 'flow/flat', figure: 'flow', title, unit: 'MB', ours: rows[0]!.name, rows };
}

async function run(effort: Effort): Promise<Case[]> {
  const { quick } = effort;
  const server = await startServer();
  const what = 'source, async work 64 at once,';
  const cases = [
    await side('flow/free', `${what} a sink that is always ready`, 'free', quick ? 100_000 : 1_000_000, effort),
    ...(quick ? [] : [await side('flow/slow', `${what} a slow \`for await\` sink`, 'slow', 1_000_000, effort)]),
    await side(
      'flow/socket',
      `records of 200 B over HTTP, async work 64 at once, a slow sink`,
      'socket',
      quick ? 10_000 : 1_000_000,
      effort,
      server.origin,
    ),
    await flat(quick ? [10_000, 30_000, 100_000] : [100_000, 1_000_000, 10_000_000]),
  ];
  await server.end();
  return cases;
}

export const flow: Part = {
  name: 'flow',
  about:
    'CPU time per item from a source through async work, 64 items at once, to a `for await` loop. Items held are those ' +
    'taken from the source that have not reached the loop; a pipeline that hears its sink holds few, whatever comes.',
  run,
};
