import type { Directive, Statement } from 'oxc-parser';
import * as rxjs from 'rxjs';

import { at, camel, type Finding, type House, isEntry, jsdocBefore, type Rule, slugOf, type Source } from './house.js';

const OPERATOR = /^operators\/[^/]*\.ts$/;
const lifecycle = ['next', 'error', 'complete', 'unsubscribe'];

/** A rule about each operator file. */
function perOperator(says: string, check: (file: Source, house: House) => Finding[]): Rule {
  return {
    says,
    check: (house) => house.matching(OPERATOR).flatMap((file) => (isEntry(file.path) ? [] : check(file, house))),
  };
}

const order = perOperator(
  'an operator file is rxjs import, core imports, types, one exported function',
  (file, house) => {
    const { body } = house.parse(file).program;
    const ranks = body.map((statement) => ({ statement, rank: rankOf(statement) }));
    const findings = ranks.flatMap(({ statement, rank }, index) => {
      if (rank === undefined)
        return [
          at(file, statement.start, 'an operator imports rxjs, files of ../lib/core, and operators that it composes'),
        ];
      const before = ranks[index - 1]?.rank ?? 0;
      const isLate = rank < before && rank < 3;
      return isLate
        ? [at(file, statement.start, 'the order is: rxjs import, core imports, options type, function')]
        : [];
    });
    const shown = exportedFunctions(body);
    if (new Set(shown.map(({ name }) => name)).size !== 1) {
      findings.push(
        at(
          file,
          shown[1]?.start ?? 0,
          `export one function, ${camel(slugOf(file.path))}; move others to files of their own`,
        ),
      );
    }
    for (const statement of body) {
      const declared = statement.type === 'ExportNamedDeclaration' ? (statement.declaration?.type ?? 'list') : '';
      if (/^(VariableDeclaration|ClassDeclaration|list)$/.test(declared)) {
        findings.push(at(file, statement.start, 'an operator file exports its function and its types, nothing else'));
      }
    }
    return findings;
  },
);

/** 0 rxjs, 1 core and operators, 2 exported types, 3 the exported function, 4 private; undefined for a foreign import. */
function rankOf(statement: Statement | Directive): number | undefined {
  if (statement.type === 'ImportDeclaration') {
    const name = statement.source.value;
    return name === 'rxjs' ? 0 : /^\.\.\/lib\/core\/|^\.\/[^/]+$/.test(name) ? 1 : undefined;
  }
  const declared = statement.type === 'ExportNamedDeclaration' ? statement.declaration?.type : undefined;
  if (declared === 'TSInterfaceDeclaration' || declared === 'TSTypeAliasDeclaration') return 2;
  return declared === 'FunctionDeclaration' || declared === 'TSDeclareFunction' ? 3 : 4;
}

function exportedFunctions(
  body: readonly (Statement | Directive)[],
): { readonly name: string; readonly start: number }[] {
  return body.flatMap((statement) => {
    const declared = statement.type === 'ExportNamedDeclaration' ? statement.declaration : null;
    const isFunction = declared?.type === 'FunctionDeclaration' || declared?.type === 'TSDeclareFunction';
    return isFunction && declared.id ? [{ name: declared.id.name, start: statement.start }] : [];
  });
}

const contract = perOperator('the JSDoc of an operator states its whole contract', (file, house) => {
  const [shown] = exportedFunctions(house.parse(file).program.body);
  if (!shown) return [];
  const comment = jsdocBefore(house, file, { start: shown.start, end: shown.start });
  if (!comment) return [at(file, shown.start, `write the JSDoc of ${shown.name} right above it`)];
  const text = comment.value.replaceAll(/^\s*\*? ?/gm, '');
  return missingFrom(text).map((what) => at(file, comment.start, what));
});

function missingFrom(text: string): string[] {
  const [sentence = ''] = text.trim().split('\n\n');
  const missing: string[] = [];
  if (!/[.:]$/.test(sentence.trim()) || /^[-@]/.test(sentence))
    missing.push('begin with one sentence that says what it does');
  const stated = [...text.matchAll(/^- (\w+): \S/gm)]
    .map(([, word]) => word ?? '')
    .filter((word) => lifecycle.includes(word));
  if (stated.join() !== lifecycle.join())
    missing.push(
      `say in four lines, in this order, what happens on ${lifecycle.map((word) => `"- ${word}:"`).join(', ')}`,
    );
  const see = text.search(/^@see \S/m);
  const example = text.search(/^@example$/m);
  if (see < 0) missing.push('name the paper, RFC or system it follows: @see');
  if (!/^@example\n+```ts\n[^`]*from 'millrace\/operators'/m.test(text))
    missing.push("end with @example and a ts fence that imports from 'millrace/operators'");
  if (see >= 0 && example >= 0 && see > example) missing.push('put @see before @example');
  return missing;
}

const naming = perOperator('an operator is called like its file and unlike any operator of RxJS', (file, house) => {
  const wanted = camel(slugOf(file.path));
  const taken = wanted in rxjs ? [at(file, 0, `RxJS has an operator ${wanted}: choose another verb`)] : [];
  const shown = exportedFunctions(house.parse(file).program.body).filter(({ name }) => name !== wanted);
  return [
    ...taken,
    ...shown.map(({ start, name }) => at(file, start, `call it ${wanted}, as its file says, not ${name}`)),
  ];
});

export const operatorRules: Record<string, Rule> = { order, contract, naming };
