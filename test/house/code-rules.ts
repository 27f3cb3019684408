import { type VisitorObject, Visitor } from 'oxc-parser';

import { lineAt } from '../support/lines.js';
import { functionsOf } from './functions.js';
import { at, type Finding, type House, type Rule, SHIPPED, type Source } from './house.js';

const CODE = /^(lib|operators|test|examples|bench|\.ci)\/.*\.(ts|mjs|js)$/;
// Not the tests: the body of a describe is as long as what it describes.
const MEASURED = /^(lib|operators|examples|bench|\.ci|test\/(support|house))\/.*(?<!\.test)\.(ts|mjs|js)$/;
// Time and chance come from the two seams. Tests of operators run in virtual time. An idle HTTP/2 session uses node's
// own timer of sessions, which lets the process end.
const TIMELESS = /^((lib|operators)\/|test\/operators\/).*\.ts$/;
const seams = new Set(['lib/core/clock.ts', 'lib/core/random.ts', 'lib/transport/http2-session.ts']);

const HOT = /^(lib(?!\/testing)|operators)\/.*\.ts$/;

type Report = (node: { readonly start: number }, what: string) => void;

/** A rule that walks the syntax trees of the files that match. */
function walking(says: string, pattern: RegExp, visitor: (report: Report, file: Source) => VisitorObject): Rule {
  const check = (house: House): Finding[] =>
    house.matching(pattern).flatMap((file) => {
      const findings: Finding[] = [];
      new Visitor(visitor(({ start }, what) => findings.push(at(file, start, what)), file)).visit(
        house.parse(file).program,
      );
      return findings;
    });
  return { says, check };
}

const syntax: Rule = {
  says: 'every file parses',
  check: (house) =>
    house.matching(CODE).flatMap((file) => {
      return house.parse(file).errors.map(({ message, labels }) => at(file, labels[0]?.start ?? 0, message));
    }),
};

const named = walking('exports are named, one by one', CODE, (report) => ({
  ExportAllDeclaration: (node) => report(node, 'name what is exported instead of `export *`'),
  ExportDefaultDeclaration: (node) => report(node, 'give the export a name instead of `default`'),
}));

const erasable = walking('no enums, no namespaces', CODE, (report) => ({
  TSEnumDeclaration: (node) => report(node, 'write a union of string literals instead of an enum'),
  TSModuleDeclaration: (node) => report(node, 'write a module instead of a namespace'),
}));

const known = walking('nothing has the type any', CODE, (report) => ({
  TSAnyKeyword: (node) => report(node, 'say what it is, or `unknown`'),
}));

const silenced: Rule = {
  says: 'the tools are not silenced',
  check: (house) =>
    house.matching(CODE).flatMap((file) =>
      house.parse(file).comments.flatMap(({ value, start }) => {
        if (/^\s*@ts-(ignore|nocheck)/.test(value))
          return [at(file, start, 'fix what the compiler says, or use @ts-expect-error with the reason')];
        if (/^\s*@ts-expect-error\s*$/.test(value))
          return [at(file, start, 'say after @ts-expect-error what is wrong, and why it must be')];
        if (/^\s*(ox|es)lint-disable(?!.* -- \S)/.test(value))
          return [at(file, start, 'fix what the linter says, or add ` -- ` and the reason')];
        return [];
      }),
    ),
};

const unfinished: Rule = {
  says: 'nothing is left to do',
  check: (house) =>
    house.matching(CODE).flatMap((file) =>
      house.parse(file).comments.flatMap(({ value, start }) => {
        const word = /\b(TODO|FIXME|XXX)\b(?!.*#\d)/.exec(value)?.[1];
        return word ? [at(file, start, `do it now, or name the issue: ${word} #12`)] : [];
      }),
    ),
};

const members: Record<string, readonly string[]> = { Date: ['now'], Math: ['random'], performance: ['now'] };
const globals = ['setTimeout', 'setInterval', 'setImmediate', 'console'];

const timeless = walking('time, chance and the console come from their seams', TIMELESS, (report, { path }) => {
  const tell = (node: { start: number }, name: string) => {
    if (!seams.has(path)) report(node, `take a clock or a random source as an option instead of ${name}`);
  };
  return {
    CallExpression({ callee }) {
      if (callee.type === 'Identifier' && globals.includes(callee.name)) tell(callee, callee.name);
    },
    NewExpression(node) {
      if (node.callee.type === 'Identifier' && node.callee.name === 'Date' && node.arguments.length === 0)
        tell(node, 'new Date()');
    },
    MemberExpression(node) {
      const { object, property } = node;
      if (property.type !== 'Identifier' || node.computed) return;
      const owner = object.type === 'Identifier' ? object.name : '';
      if (owner === 'console') tell(node, 'console');
      else if (globals.includes(property.name)) tell(node, property.name);
      else if (members[owner]?.includes(property.name)) tell(node, `${owner}.${property.name}`);
    },
  };
});

const functions: Rule = {
  says: 'function bodies have 50 lines at most, nested 3 deep at most',
  check: (house) =>
    house.matching(MEASURED).flatMap((file) =>
      functionsOf(house.parse(file).program).flatMap(({ body, deepest }) => {
        const lines = lineAt(file.text, body.end) - lineAt(file.text, body.start) - 1;
        const long =
          lines > 50 ? [at(file, body.start, `a body of ${lines} lines, 50 at most: give its parts names`)] : [];
        const deep =
          deepest && deepest.depth > 3
            ? [at(file, deepest.start, `nested ${deepest.depth} deep, 3 at most: return early or name the inner part`)]
            : [];
        return [...long, ...deep];
      }),
    ),
};

const options = walking('members of options types are readonly', SHIPPED, (report) => ({
  TSInterfaceDeclaration({ id, body }) {
    if (!id.name.endsWith('Options')) return;
    for (const member of body.body) {
      if (member.type === 'TSPropertySignature' && !member.readonly)
        report(member, `make this member of ${id.name} readonly`);
    }
  },
}));

const functionLike = new Set(['ArrowFunctionExpression', 'FunctionExpression']);

/**
 * V8 puts a function that is written straight into a property among the old objects, for it expects such ones to be
 * methods. All that a closure reaches then lives until the next collection of everything: 2.6 kB and 4 us a call, when
 * a call had one.
 */
const shortLived = walking('closures have a name before a property has them', HOT, (report) => ({
  AssignmentExpression({ left, right }) {
    if (left.type === 'MemberExpression' && functionLike.has(right.type))
      report(right, 'make it a const first, and assign that: V8 takes it for long-lived as it is');
  },
}));

export const codeRules: Record<string, Rule> = {
  syntax,
  named,
  erasable,
  known,
  silenced,
  unfinished,
  timeless,
  functions,
  options,
  shortLived,
};
