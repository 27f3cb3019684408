import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { limits, simulateLimit } from './adaptive-limit.ts';
import { simulateFairness } from './fairness.ts';
import { hedgeCases, simulateHedge } from './hedging.ts';
import { simulateJitter } from './jitter.ts';
import { drawPlot, type Plot, type Series } from './plot.ts';
import { lines, queueBurst, simulateQueue } from './queues.ts';
import { cares, simulateStorm, stormFault } from './retry-storm.ts';
import { outage, shapes, simulateRecovery } from './throttle-recovery.ts';

const SEED = 1;
const percent = (share: number): number => Math.round(share * 1000) / 10;

function jitter(): Plot {
  const rows = simulateJitter(SEED, 100, [10, 20, 50, 100]);
  const series = [...Map.groupBy(rows, ({ name }) => name)].map(([name, own]): Series => ({
    name,
    points: own.map(({ clients, calls }) => [clients, calls]),
  }));
  return { title: 'Calls until all clients have written the same row', x: 'clients', y: 'calls', series };
}

function hedging(): Plot {
  const shares = Array.from({ length: 60 }, (_, i) => 1 - 10 ** (-i / 20));
  const names = Object.keys(hedgeCases).filter((name) => !name.startsWith('BigTable'));
  const series = names.map((name): Series => {
    const { timesMs, extra } = simulateHedge(SEED, name, 4_000);
    const sorted = timesMs.toSorted((a, b) => a - b);
    const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
    const said = extra === 0 ? name : `${name}, +${percent(extra)} %`;
    return { name: said, points: shares.map((share) => [1 / (1 - share), at(share)]) };
  });
  return {
    title: 'A hundred servers asked at once: the slowest answer',
    x: 'one in so many calls takes longer',
    y: 'ms',
    logX: true,
    logY: true,
    series,
  };
}

function retryStorm(): Plot {
  const series = Object.keys(cares)
    .filter((name) => !name.startsWith('throttled'))
    .map((name): Series => {
      const { goodput } = simulateStorm(SEED, name, 100, 120);
      return { name, points: goodput.slice(0, -5).map((share, second) => [second, percent(share)]) };
    });
  const marked = { ...stormFault, name: '5 × slower' };
  return { title: 'Calls that succeed, 100 clients, 70 % load', x: 'seconds', y: '%', marked, series };
}

function adaptive(): Plot {
  const series = Object.keys(limits).map((name): Series => {
    return { name, points: simulateLimit(SEED, name).perSecond.map((count, second) => [second, count]) };
  });
  const title = 'Answers in time while capacity is 400, 200 and 800 a second; 600 are asked for';
  return { title, x: 'seconds', y: 'answers per second', series };
}

function queues(): Plot {
  const series = Object.keys(lines).map((name): Series => {
    return { name, points: simulateQueue(SEED, name).perSecond.map((count, second) => [second, count]) };
  });
  const marked = { from: queueBurst.fromS, to: queueBurst.toS, name: '1 500 calls a second' };
  return {
    title: 'Answers within a second, of a server that does 1 000',
    x: 'seconds',
    y: 'per second',
    marked,
    series,
  };
}

function fairness(): Plot {
  const series = [false, true].map((fair): Series => {
    const { name, lightMs, lightServed } = simulateFairness(SEED, fair);
    const points = Array.from({ length: 100 }, (_, i) => {
      return [i, lightMs[Math.floor((i / 100) * lightMs.length)]!] as const;
    });
    return { name: `${name}, ${percent(lightServed)} % served`, points };
  });
  return { title: 'Light tenants beside a heavy one: how long their calls take', x: '% of calls', y: 'ms', series };
}

function recovery(): Plot {
  const series = Object.keys(shapes).map((name): Series => {
    const { goodput } = simulateRecovery(SEED, name);
    return { name, points: goodput.slice(0, -1).map((share, step) => [step * 5, percent(share)]) };
  });
  const marked = { from: outage.fromS, to: outage.toS, name: 'outage' };
  return { title: 'Calls that succeed, by cap and window of the throttle', x: 'seconds', y: '%', marked, series };
}

const plots: Readonly<Record<string, () => Plot>> = {
  jitter,
  hedging,
  retryStorm,
  adaptive,
  queues,
  fairness,
  recovery,
};

/** Runs every simulation and draws it for the resilience guide. */
export function drawSimulations(): void {
  const folder = fileURLToPath(new URL('../../docs/guide/resilience', import.meta.url));
  mkdirSync(folder, { recursive: true });
  for (const [name, plot] of Object.entries(plots)) {
    const began = performance.now();
    const slug = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    writeFileSync(join(folder, `${slug}.svg`), drawPlot(plot()));
    const took = Math.round((performance.now() - began) / 1000);
    process.stdout.write(`simulated ${slug} in ${took} s: docs/guide/resilience/${slug}.svg\n`);
  }
}
