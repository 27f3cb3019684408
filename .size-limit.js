import { existsSync, globSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { basename } from 'node:path';

// Bytes a user pays, minified and gzipped, without the packages that are dependencies.
const outside = ['rxjs', 'undici', 'cross-fetch', ...builtinModules.map((name) => `node:${name}`)];
const entry = (name, path, limit, names = '*') => ({ name, path, import: names, limit, gzip: true, ignore: outside });

// An operator is measured alone and with the parts of lib/core that it needs, which operators share.
// One that needs more than these two has a row here: { 'merge-ordered': ['1 kB', '6 kB'] }.
const larger = {
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

export default [
  // It was to have 8 kB; docs/decisions/0009 says why it has not, and this keeps it from growing.
  entry('millrace, a client for GET', 'dist/lib/index.js', '19.9 kB', '{ createApi, fetchTransport, json }'),
  entry('millrace', 'dist/lib/index.js', '26.8 kB'),
  entry('millrace/operators', 'dist/operators/index.js', '15 kB'),
  entry('millrace/testing', 'dist/lib/testing/index.js', '9 kB'),
  entry('millrace/undici', 'dist/lib/transport/undici.js', '11 kB'),
  ...operators.toSorted().flatMap(operatorRows),
].filter(({ path }) => existsSync(path));
