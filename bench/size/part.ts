import type { Case, Part, Row } from '../harness/contract.ts';
import { ranked } from '../harness/compare.ts';
import { bundledBytes } from './bundle.ts';

/** `names` of a package, or all of it. */
interface Import {
  readonly names?: string;
  readonly from: string;
}

const client = { names: '{ createApi, fetchTransport, json }', from: 'millrace' };
const OURS = 'millrace, a client with retry, limits and fetch';

const clients: Readonly<Record<string, Import>> = {
  [OURS]: client,
  'millrace, everything': { from: 'millrace' },
  ky: { from: 'ky' },
  axios: { from: 'axios' },
  ofetch: { from: 'ofetch' },
  wretch: { from: 'wretch' },
  'Angular HttpClient': { names: '{ HttpClient, provideHttpClient, withFetch }', from: '@angular/common/http' },
  'TanStack query-core': { from: '@tanstack/query-core' },
  SWR: { from: 'swr' },
};

const operators: Readonly<Record<string, Import>> = {
  'millrace mergeOrdered': { names: '{ mergeOrdered }', from: 'millrace/operators' },
  'millrace debounceMap': { names: '{ debounceMap }', from: 'millrace/operators' },
  'millrace retryBackoff': { names: '{ retryBackoff }', from: 'millrace/operators' },
  'millrace mergeBounded': { names: '{ mergeBounded }', from: 'millrace/operators' },
  'millrace breakCircuit': { names: '{ breakCircuit, createBreaker }', from: 'millrace/operators' },
  'millrace standardPolicies': { names: '{ standardPolicies }', from: 'millrace/operators' },
  'millrace/operators, everything': { from: 'millrace/operators' },
  'p-map': { from: 'p-map' },
  'p-queue': { from: 'p-queue' },
  'streaming-iterables': { from: 'streaming-iterables' },
  cockatiel: { from: 'cockatiel' },
  DataLoader: { from: 'dataloader' },
};

const programOf = ({ names, from }: Import): string => `export ${names ?? '* as all'} from '${from}';`;

async function measure(
  id: string,
  title: string,
  ours: string,
  imports: typeof clients,
  outside: string[],
): Promise<Case> {
  const rows: Row[] = [];
  const base = (await bundledBytes(programOf(imports[ours]!), outside)) / 1000;
  for (const [name, one] of Object.entries(imports)) {
    const value = (await bundledBytes(programOf(one), outside)) / 1000;
    rows.push({ name, value, ratio: value / base });
  }
  return { id: `size/${id}`, figure: 'size', title, unit: 'kB', ours, rows: ranked(rows) };
}

async function run(): Promise<Case[]> {
  // What a package names as a peer is there already in an application that uses it.
  const peers = ['rxjs', 'react', '@angular/core', 'zone.js', 'undici', 'cross-fetch'];
  const whole = { ...clients, 'RxJS ajax': { names: '{ ajax }', from: 'rxjs/ajax' } };
  const first = Object.keys(operators)[0]!;
  return [
    await measure('clients', 'Clients in a browser, without their peers (RxJS, React, Angular)', OURS, clients, peers),
    await measure('with-rxjs', 'The same with RxJS, where they need it', OURS, whole, peers.slice(1)),
    await measure('operators', 'Operators, without RxJS', first, operators, peers),
  ];
}

export const size: Part = {
  name: 'size',
  about: 'Bundled by esbuild for browsers, minified, then gzipped: what is loaded at the start, without `import()`.',
  run,
};
