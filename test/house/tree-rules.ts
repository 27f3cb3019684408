import { camel, type Finding, type House, isEntry, type Rule, slugOf, type Source } from './house.js';

const topLevel = new Set(
  `lib operators test docs bench examples .ci package.json package-lock.json tsconfig.json tsconfig.build.json
  vitest.config.ts README.md CHANGELOG.md LICENSE .gitignore .gitattributes .oxlintrc.json .oxfmtrc.json
  .size-limit.js .knip.json`.split(/\s+/),
);
const bindings = ['node', 'angular', 'react', 'vue', 'svelte', 'solid'];
const libFolders = ['core', 'codec', 'transport', 'http', 'stream', 'flow', 'live', 'queue', ...bindings, 'testing'];
const folders: Record<string, readonly string[]> = {
  lib: libFolders,
  test: [...libFolders, 'operators', 'types', 'docs', 'api', 'house', 'support', 'examples', 'bench'],
  docs: ['guide', 'sources', 'operators', 'bindings', 'recipes', 'decisions', 'benchmarks'],
};

const tree: Rule = {
  says: 'every file has its place in the house',
  check: (house) =>
    house.files.flatMap(({ path }) => {
      const [top = '', second = '', third] = path.split('/');
      if (!topLevel.has(top)) return one(path, `the top of the house holds only ${[...topLevel].join(', ')}`);
      const known = folders[top];
      if (!known || third === undefined || known.includes(second)) return [];
      return one(path, `${top}/ has no folder ${second}; it has ${known.join(', ')}`);
    }),
};

const names: Rule = {
  says: 'names of files and folders are kebab-case',
  check: (house) =>
    house.matching(/^(lib|operators|test|docs|bench|examples)\//).flatMap(({ path }) => {
      const wrong = path
        .split('/')
        .find(
          (part) =>
            !/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*$/.test(part) && !/^(README\.md|\..*)$/.test(part),
        );
      return wrong
        ? one(
            path,
            `write ${wrong} in kebab-case: ${wrong
              .replace(/([a-z])([A-Z])/g, '$1-$2')
              .replaceAll('_', '-')
              .toLowerCase()}`,
          )
        : [];
    }),
};

const drawers: Rule = {
  says: 'nothing is called utils, helpers, common or misc',
  check: (house) =>
    house.files.flatMap(({ path }) => {
      const wrong = /(^|\/)((utils?|helpers?|common|misc)(\.[^/]*)?)(\/|$)/.exec(path)?.[2];
      return wrong ? one(path, `name ${wrong} after what it holds, or put its parts where they are used`) : [];
    }),
};

/** The first row that fits decides. */
const lengths: readonly (readonly [pattern: RegExp, lines: number])[] = [
  [/^operators\/index\.ts$/, 300],
  [/^operators\/.*\.ts$/, 120],
  [/^(lib|examples|bench)\/.*\.(ts|js|mjs)$/, 200],
  [/^\.ci\//, 200],
  [/^test\/.*\.ts$/, 300],
  [/^docs\/decisions\/.*\.md$/, 40],
  [/^docs\/guide\/.*\.md$/, 250],
  // Made by the bench, and as long as what it measures.
  [/^docs\/benchmarks\.md$/, 400],
  [/^docs\/.*\.md$/, 150],
];

const length: Rule = {
  says: 'no file is longer than its kind may be',
  check: (house) =>
    house.files.flatMap((file) => {
      const [, most] = lengths.find(([pattern]) => pattern.test(file.path)) ?? [];
      const lines = linesOf(file);
      return most && lines > most
        ? [
            {
              path: file.path,
              line: most + 1,
              what: `${lines} lines, ${most} at most here: split it by what it is about`,
            },
          ]
        : [];
    }),
};

const settings: Rule = {
  says: 'the settings of all tools stay under 350 lines',
  check: (house) => {
    const files = house.matching(/^(package\.json|tsconfig.*\.json|vitest\.config\.ts|\.[^/]*)$/);
    const lines = files.reduce((sum, file) => sum + linesOf(file), 0);
    return lines < 350
      ? []
      : one(
          'package.json',
          `${lines} lines in ${files.map(({ path }) => path).join(', ')}: drop what repeats a default`,
        );
  },
};

const companions: Rule = {
  says: 'every operator has its test, its page, its line in the index and in the changelog',
  check: (house) =>
    house.matching(/^operators\/[^/]*\.ts$/).flatMap(({ path }) => {
      if (isEntry(path)) return [];
      const slug = slugOf(path);
      const wanted: [boolean, string][] = [
        [house.has(`test/operators/${slug}.test.ts`), `write test/operators/${slug}.test.ts, the laws first`],
        [house.has(`docs/operators/${slug}.md`), `write docs/operators/${slug}.md, the example first`],
        [textOf(house, 'operators/index.ts').includes(`'./${slug}.js'`), `export it in operators/index.ts`],
        [
          new RegExp(`\\b${camel(slug)}\\b`).test(textOf(house, 'CHANGELOG.md')),
          `add a line about ${camel(slug)} to CHANGELOG.md`,
        ],
      ];
      return wanted.flatMap(([there, what]) => (there ? [] : one(path, what)));
    }),
};

const orphans: Rule = {
  says: 'every operator page and test belongs to an operator',
  check: (house) => {
    const slugs = house.matching(/^operators\/[^/]*\.ts$/).map(({ path }) => slugOf(path));
    const isKnown = (name: string, exact: boolean) =>
      slugs.some((slug) => name === slug || (!exact && name.startsWith(`${slug}-`)));
    const pages = house
      .matching(/^docs\/operators\/.*\.md$/)
      .filter(({ path }) => !isKnown(slugOf(path), true) && slugOf(path) !== 'index');
    const tests = house.matching(/^test\/operators\/.*\.test\.ts$/).filter(({ path }) => !isKnown(slugOf(path), false));
    return [...pages, ...tests].flatMap(({ path }) =>
      one(path, `there is no operators/${slugOf(path)}.ts: rename or remove this`),
    );
  },
};

const one = (path: string, what: string): Finding[] => [{ path, line: 1, what }];
const textOf = (house: House, path: string): string => house.get(path)?.text ?? '';
const linesOf = ({ text }: Source): number => text.replace(/\n$/, '').split('\n').length;

export const treeRules: Record<string, Rule> = { tree, names, drawers, length, settings, companions, orphans };
