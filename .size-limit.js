import { existsSync, globSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { basename } from 'node:path';

// Bytes a user pays, minified and gzipped, without the packages that are dependencies.
const outside = ['rxjs', 'undici', 'cross-fetch', ...builtinModules.map((name) => `node:${name}`)];
const entry = (name, path, limit, names = '*') => ({ name, path, import: names, limit, gzip: true, ignore: outside });

// An operator is measured alone and with the parts of lib/core that it needs, which operators share.
// One that needs more than these two has a row here: { 'merge-ordered': ['1 kB', '6 kB'] }.
const larger = {
  // What subscribes to any kind of rest, and the retry's plan, backoff and budget.
  'resume-from': ['1 kB', '5.3 kB'],
  // Demand, batches, the matching of results, a shared batcher's bookkeeping, places that a limit may change.
  'batch-map': ['1 kB', '6.1 kB'],
  // Demand, keys by content, calls that are shared, places that a limit may change, deadlines.
  'coalesce-map': ['1 kB', '6.9 kB'],
  // The merging operators: calls of every kind of stream, with demand, behind a limit that may change.
  'latest-map': ['1 kB', '5.6 kB'],
  'merge-bounded': ['1 kB', '5.6 kB'],
  'merge-first': ['1 kB', '5.9 kB'],
  'merge-keyed': ['1 kB', '6 kB'],
  'merge-priority': ['1 kB', '6.3 kB'],
  'merge-settled': ['1 kB', '5.8 kB'],
  'merge-ordered': ['1 kB', '5.3 kB'],
  'adapt-concurrency': ['1 kB', '6.6 kB'], // makes the bulkhead too, which limitConcurrency is handed
};
const operatorRows = (path) => {
  const slug = basename(path, '.ts');
  const name = slug.replace(/-(\w)/g, (_, letter) => letter.toUpperCase());
  const [alone, whole] = larger[slug] ?? ['1 kB', '5 kB'];
  const row = entry(`${name}, alone`, `dist/operators/${slug}.js`, alone, `{ ${name} }`);
  return [
    { ...row, ignore: [...outside, '../lib/core'] },
    entry(`${name}, with its core`, 'dist/operators/index.js', whole, `{ ${name} }`),
  ];
};
const operators = globSync('operators/*.ts').filter((path) => basename(path) !== 'index.ts');

/** Without what `import()` loads later, in the few programs that come by it. */
const later = {
  name: 'later',
  resolveId: (id, _, { kind }) => (kind === 'dynamic-import' ? { id, external: true } : undefined),
};
const atStart = (config) => ({ ...config, plugins: [later] });

export default [
  // docs/decisions/0009 says what it is made of; this keeps it from growing.
  {
    ...entry('millrace, a client for GET', 'dist/lib/index.js', '17.4 kB', '{ createApi, fetchTransport, json }'),
    modifyRolldownConfig: atStart,
  },
  // A long-lived source by itself; a program has a client beside it.
  {
    ...entry(
      'a client with longRunning',
      'dist/lib/index.js',
      '23 kB',
      '{ createApi, fetchTransport, json, longRunning }',
    ),
    modifyRolldownConfig: atStart,
  },
  entry('paginate', 'dist/lib/index.js', '4.2 kB', '{ paginate }'),
  entry('millrace', 'dist/lib/index.js', '36.5 kB'),
  entry('millrace/operators', 'dist/operators/index.js', '60 kB'),
  entry('millrace/testing', 'dist/lib/testing/index.js', '12 kB'),
  entry('millrace/undici', 'dist/lib/transport/undici.js', '11.1 kB'),
  ...operators.toSorted().flatMap(operatorRows),
].filter(({ path }) => existsSync(path));
