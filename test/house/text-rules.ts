import { Visitor } from 'oxc-parser';

import { at, type Finding, type House, isEntry, jsdocBefore, type Rule, SHIPPED, type Source } from './house.js';

const kinds: Rule = {
  says: 'docs/errors.md lists the kinds of lib/core/errors.ts, no more and no less',
  check: (house) => {
    const file = house.get('lib/core/errors.ts');
    if (!file) return [];
    const page = house.get('docs/errors.md') ?? { path: 'docs/errors.md', text: '' };
    const told = kindsOnPage(page.text);
    const declared = declaredKinds(house, file);
    const lost = declared
      .filter((kind) => !told.includes(kind))
      .map((kind) => at(page, 0, `add a row for \`${kind}\` to the table whose first column is headed "kind"`));
    const extra = told
      .filter((kind) => !declared.includes(kind))
      .map((kind) => at(page, page.text.indexOf(`\`${kind}\``), `${kind} is no kind in lib/core/errors.ts`));
    return [...lost, ...extra];
  },
};

function declaredKinds(house: House, file: Source): string[] {
  const found: string[] = [];
  new Visitor({
    TSTypeAliasDeclaration({ id, typeAnnotation }) {
      if (id.name !== 'ErrorKind') return;
      const parts = typeAnnotation.type === 'TSUnionType' ? typeAnnotation.types : [typeAnnotation];
      for (const part of parts) {
        if (part.type === 'TSLiteralType' && part.literal.type === 'Literal') found.push(String(part.literal.value));
      }
    },
  }).visit(house.parse(file).program);
  return found;
}

/** First cells of the table whose header's first cell is `kind`. */
function kindsOnPage(text: string): string[] {
  const lines = text.split('\n');
  const head = lines.findIndex((line) => /^\|\s*`?kind`?\s*\|/i.test(line));
  const rows = head < 0 ? [] : lines.slice(head + 1);
  const end = rows.findIndex((line) => !line.startsWith('|'));
  return rows.slice(0, end < 0 ? rows.length : end).flatMap((row) => /^\|\s*\[?`([^`]+)`/.exec(row)?.[1] ?? []);
}

const changelog: Rule = {
  says: 'the newest heading of the changelog is Unreleased or the version of package.json',
  check: (house) => {
    const file = house.get('CHANGELOG.md');
    const manifest = house.get('package.json');
    if (!file || !manifest) return [];
    const { version } = JSON.parse(manifest.text) as { version: string };
    const heading = /^## +\[?([^\s\]]+)/m.exec(file.text);
    if (heading && ['Unreleased', version].includes(heading[1] ?? '')) return [];
    return [at(file, heading?.index ?? 0, `begin with "## Unreleased" or "## ${version}"`)];
  },
};

const documented: Rule = {
  says: 'every public export has a JSDoc',
  check: (house) =>
    house.matching(SHIPPED).flatMap((entry) => {
      if (!isEntry(entry.path)) return [];
      return house.parse(entry).module.staticExports.flatMap(({ entries }) =>
        entries.flatMap(({ moduleRequest, importName }) => {
          const target = resolve(entry.path, moduleRequest?.value ?? '');
          return undocumented(house, house.get(target), importName.name ?? '');
        }),
      );
    }),
};

function undocumented(house: House, file: Source | undefined, name: string): Finding[] {
  for (const statement of file ? house.parse(file).program.body : []) {
    if (!file || statement.type !== 'ExportNamedDeclaration' || !statement.declaration) continue;
    if (!declaredNames(statement.declaration).includes(name)) continue;
    return jsdocBefore(house, file, statement)
      ? []
      : [at(file, statement.start, `${name} is public: say in a JSDoc what it is for`)];
  }
  return [];
}

type Declaration = {
  readonly type: string;
  readonly id?: unknown;
  readonly declarations?: readonly { readonly id: unknown }[];
};

function declaredNames({ id, declarations }: Declaration): string[] {
  return [id, ...(declarations ?? []).map((one) => one.id)].flatMap(
    (one) => (one as { name?: string } | null | undefined)?.name ?? [],
  );
}

const resolve = (from: string, name: string): string =>
  new URL(name, `file:///${from}`).pathname.slice(1).replace(/\.js$/, '.ts');

const TESTS = /^test\/.*\.ts$/;
const starters = new Set(['it', 'test', 'describe', 'marble']);

const titles: Rule = {
  says: 'the title of a test is a fact',
  check: (house) =>
    house.matching(TESTS).flatMap((file) => {
      const findings: Finding[] = [];
      new Visitor({
        CallExpression(node) {
          const [title] = node.arguments;
          if (!title || !starters.has(file.text.slice(node.callee.start, node.callee.end).replace(/\W.*$/s, '')))
            return;
          const isText = title.type === 'TemplateLiteral' || title.type === 'Literal';
          if (isText && /\bshould\b/i.test(file.text.slice(title.start, title.end))) {
            findings.push(at(file, title.start, 'write what is, in the present tense, without "should"'));
          }
        },
      }).visit(house.parse(file).program);
      return findings;
    }),
};

const running: Rule = {
  says: 'every test runs, unless a comment says why not',
  check: (house) =>
    house.matching(TESTS).flatMap((file) => {
      const { comments, program } = house.parse(file);
      const findings: Finding[] = [];
      const explained = (start: number) =>
        comments.some(({ end }) => end <= start && file.text.slice(end, start).trim() === '') ||
        comments.some(({ start: after }) => after > start && !file.text.slice(start, after).includes('\n'));
      new Visitor({
        MemberExpression(node) {
          const { object, property } = node;
          if (object.type !== 'Identifier' || !starters.has(object.name) || property.type !== 'Identifier') return;
          if (property.name === 'only') findings.push(at(file, node.start, 'remove .only: the others must run too'));
          if (/^(skip|todo|fails)$/.test(property.name) && !explained(node.start)) {
            findings.push(at(file, node.start, `say in a comment above why this is .${property.name}, or let it run`));
          }
        },
      }).visit(program);
      return findings;
    }),
};

export const textRules: Record<string, Rule> = { kinds, changelog, documented, titles, running };
