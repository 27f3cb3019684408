import { posix } from 'node:path';

import { at, type Finding, type House, isEntry, type Rule, SHIPPED, type Source } from './house.js';

interface Import {
  readonly from: Source;
  readonly name: string;
  readonly start: number;
  /** The file it names, when it is one of ours. */
  readonly target: string | undefined;
}

interface Row {
  readonly folders: readonly string[];
  readonly packages: readonly string[];
}

const ground = ['core', 'operators'];
const bytes = [...ground, 'codec', 'transport'];
const calls = [...bytes, 'http'];
const rooms = ['stream', 'flow', 'live', 'queue'];
const all = [...calls, ...rooms];
const schema = '@standard-schema/spec';

/** Who may import whom: a folder sees itself and what stands in its row, siblings never. */
const rows: Record<string, Row> = {
  core: { folders: [], packages: ['rxjs'] },
  operators: { folders: ['core'], packages: ['rxjs'] },
  codec: { folders: ground, packages: ['rxjs', schema] },
  transport: { folders: ground, packages: ['rxjs', 'undici', 'cross-fetch', 'node:'] },
  http: { folders: bytes, packages: ['rxjs', schema] },
  stream: { folders: calls, packages: ['rxjs', 'ws', schema] },
  flow: { folders: calls, packages: ['rxjs', 'node:'] },
  live: { folders: calls, packages: ['rxjs', schema] },
  queue: { folders: calls, packages: ['rxjs', 'node:', schema] },
  node: { folders: all, packages: ['rxjs', 'node:'] },
  angular: { folders: all, packages: ['rxjs', '@angular/'] },
  react: { folders: all, packages: ['rxjs', 'react'] },
  vue: { folders: all, packages: ['rxjs', 'vue'] },
  svelte: { folders: all, packages: ['rxjs', 'svelte'] },
  solid: { folders: all, packages: ['rxjs', 'solid-js'] },
  testing: { folders: all, packages: ['rxjs', 'rxjs/testing'] },
  // The entry "millrace": it re-exports from the rooms, never from a binding.
  index: { folders: all, packages: [] },
};

/** These packages are named by one file each, so that users who never load it do without. */
const gates: Record<string, RegExp> = {
  undici: /^lib\/transport\/undici[-\w]*\.ts$/,
  'cross-fetch': /^lib\/transport\/cross-fetch\.ts$/,
  ws: /^lib\/stream\/socket-ws\.ts$/,
};

const directions: Rule = {
  says: 'imports go down the floors, never up or sideways',
  check: (house) =>
    importsOf(house).flatMap((item) => {
      const row = rows[folderOf(item.from.path)];
      if (!row) return [found(item, `add a row for this folder to the table in test/house/import-rules.ts`)];
      if (item.target === undefined) return foreign(item, row);
      const to = folderOf(item.target);
      if (to === folderOf(item.from.path) || row.folders.includes(to)) return [];
      return [
        found(
          item,
          `${folderOf(item.from.path)} may import ${row.folders.join(', ') || 'no other folder'}, not ${to}: move the shared piece down`,
        ),
      ];
    }),
};

function foreign(item: Import, { packages }: Row): Finding[] {
  const gate = gates[item.name];
  if (gate && !gate.test(item.from.path)) return [found(item, `only ${gate.source} may name ${item.name}`)];
  const isKnown = packages.some((name) => item.name === name || (/[:/]$/.test(name) && item.name.startsWith(name)));
  if (isKnown) return [];
  return [found(item, `${folderOf(item.from.path)} may use ${packages.join(', ') || 'no package'}, not ${item.name}`)];
}

const barrels: Rule = {
  says: 'nothing inside the house imports a barrel',
  check: (house) =>
    importsOf(house)
      .filter(({ target, name }) => (target !== undefined && isEntry(target)) || /^millrace(\/|$)/.test(name))
      .map((item) => found(item, `import the file that declares it, not ${item.name}`)),
};

const internals: Rule = {
  says: 'nobody reaches into rxjs/internal',
  check: (house) =>
    importsOf(house, /^(lib|operators|test|examples|bench)\/.*\.ts$/)
      .filter(({ name }) => /^rxjs\/(internal|dist|src)/.test(name))
      .map((item) => found(item, `use the public names of rxjs`)),
};

const extensions: Rule = {
  says: 'relative imports name a file that exists, with the suffix .js',
  check: (house) =>
    importsOf(house)
      .filter(({ name, target }) => name.startsWith('.') && (!name.endsWith('.js') || !house.has(target ?? '')))
      .map((item) => found(item, `${item.name} names no file; write the path of the .ts file with .js at its end`)),
};

const cycles: Rule = {
  says: 'no file imports itself by way of others',
  check: (house) => {
    const edges = Map.groupBy(importsOf(house), ({ from }) => from.path);
    const done = new Set<string>();
    const findings: Finding[] = [];
    const enter = (path: string, way: readonly string[]): void => {
      for (const item of edges.get(path) ?? []) {
        const { target } = item;
        if (target === undefined || done.has(target)) continue;
        const seen = way.indexOf(target);
        if (seen < 0) enter(target, [...way, target]);
        else
          findings.push(
            found(item, `a cycle: ${[...way.slice(seen), target].join(' -> ')}; move what both need into a third file`),
          );
      }
      done.add(path);
    };
    for (const path of edges.keys()) if (!done.has(path)) enter(path, [path]);
    return findings;
  },
};

const found = ({ from, start }: Import, what: string): Finding => at(from, start, what);

/** core, operators, http, ...; the entry "millrace" is `index`. */
function folderOf(path: string): string {
  const [top = '', second = ''] = path.split('/');
  return top === 'lib' ? second.replace(/\.ts$/, '') : top;
}

function importsOf(house: House, pattern: RegExp = SHIPPED): Import[] {
  return house.matching(pattern).flatMap((from) => {
    const { staticImports, staticExports, dynamicImports } = house.parse(from).module;
    const lazy = dynamicImports.map(({ moduleRequest: { start, end } }) => {
      const [, value = 'a computed name'] = /^['"]([^'"]*)['"]/.exec(from.text.slice(start, end)) ?? [];
      return { start, end, value };
    });
    const named = [...staticImports, ...staticExports.flatMap(({ entries }) => entries)].map(
      ({ moduleRequest }) => moduleRequest,
    );
    const requests = [...named, ...lazy].filter((request) => request !== null && request !== undefined);
    const unique = new Map(requests.map((request) => [request.start, request]));
    return [...unique.values()].map(({ value, start }) => ({
      from,
      name: value,
      start,
      target: resolve(from.path, value),
    }));
  });
}

function resolve(from: string, name: string): string | undefined {
  if (name === '#transport') return 'lib/transport/default-node.ts';
  if (name === '#socket') return 'lib/stream/socket-node.ts';
  if (name === '#fetch') return 'lib/transport/fetch-elsewhere.ts';
  return name.startsWith('.') ? posix.join(posix.dirname(from), name).replace(/\.js$/, '.ts') : undefined;
}

export const importRules: Record<string, Rule> = { directions, barrels, internals, extensions, cycles };
