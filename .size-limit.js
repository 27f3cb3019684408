import { existsSync, globSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { basename } from 'node:path';

// Bytes a user pays, minified and gzipped, without the packages that are dependencies.
const outside = ['rxjs', 'undici', 'cross-fetch', 'ws', ...builtinModules.map((name) => `node:${name}`)];
const entry = (name, path, limit, names = '*') => ({ name, path, import: names, limit, gzip: true, ignore: outside });

// An operator is measured alone and with the parts of lib/core that it needs, which operators share: demand, what
// subscribes to any kind of stream, limits that may change. One that needs more has a row here.
const larger = {
  // It is ten others.
  'standard-policies': ['1.8 kB', '16.5 kB'],
};
const operatorRows = (path) => {
  const slug = basename(path, '.ts');
  const name = slug.replace(/-(\w)/g, (_, letter) => letter.toUpperCase());
  const [alone, whole] = larger[slug] ?? ['1 kB', '7 kB'];
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
const atStart = (row) => ({ ...row, modifyRolldownConfig: (config) => ({ ...config, plugins: [later] }) });

export default [
  // docs/decisions/0009 says what it is made of; this keeps it from growing.
  atStart(entry('millrace, a client for GET', 'dist/lib/index.js', '18.1 kB', '{ createApi, fetchTransport, json }')),
  entry('millrace', 'dist/lib/index.js', '61.5 kB'),
  // The channel, and of the client what reads URLs, fields and errors; with `ws` outside.
  entry('webSocket', 'dist/lib/index.js', '13.8 kB', '{ webSocket }'),
  entry('sse', 'dist/lib/index.js', '4 kB', '{ sse }'),
  atStart(
    entry('eventStream, with a client', 'dist/lib/index.js', '24.1 kB', '{ createApi, eventStream, fetchTransport }'),
  ),
  entry('upload', 'dist/lib/index.js', '26.2 kB', '{ upload }'),
  entry('download', 'dist/lib/index.js', '21.6 kB', '{ download }'),
  // A long-lived source by itself; a program has a client beside it.
  atStart(
    entry(
      'a client with longRunning',
      'dist/lib/index.js',
      '23.8 kB',
      '{ createApi, fetchTransport, json, longRunning }',
    ),
  ),
  entry('paginate', 'dist/lib/index.js', '5 kB', '{ paginate }'),
  entry('millrace/operators', 'dist/operators/index.js', '33 kB'),
  entry('millrace/testing', 'dist/lib/testing/index.js', '11.2 kB'),
  entry('millrace/undici', 'dist/lib/transport/undici.js', '12 kB'),
  ...operators.toSorted().flatMap(operatorRows),
].filter(({ path }) => existsSync(path));
