import { existsSync, globSync } from 'node:fs';
import { basename } from 'node:path';

// Bytes a user pays, gzipped, without the packages that are dependencies. An operator that needs more than the general budget has its own row here.
const operatorLimit = '1 kB';
const largerOperators = {};
const entry = (name, path, limit, names = '*') => ({
  name,
  path,
  import: names,
  limit,
  gzip: true,
  ignore: ['rxjs', 'undici', 'cross-fetch'],
});
const camel = (slug) => slug.replace(/-(\w)/g, (_, letter) => letter.toUpperCase());

const slugs = globSync('operators/*.ts')
  .map((path) => basename(path, '.ts'))
  .filter((slug) => slug !== 'index');

export default [
  entry('millrace: a GET client', 'dist/lib/index.js', '8 kB', '{ createApi, fetchTransport, json }'),
  entry('millrace', 'dist/lib/index.js', '16 kB'),
  entry('millrace/operators', 'dist/operators/index.js', '8 kB'),
  entry('millrace/testing', 'dist/lib/testing/index.js', '8 kB'),
  entry('millrace/undici', 'dist/lib/transport/undici.js', '8 kB'),
  ...slugs.toSorted().map((slug) => {
    const name = camel(slug);
    return entry(`operator ${name}`, 'dist/operators/index.js', largerOperators[slug] ?? operatorLimit, `{ ${name} }`);
  }),
].filter(({ path }) => existsSync(path));
