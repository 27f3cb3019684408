import { type Expression, parseSync, type Span, Visitor } from 'oxc-parser';

import type { Fence } from './fences.js';
import { lineAt } from './lines.js';

/** The host that examples call; while they run it is the docs server. */
const EXAMPLE_ORIGIN = 'https://api.example.com';

const asSocket = (origin: string): string => origin.replace(/^http/, 'ws');

/** Where a running example finds its {@link Checks}, by title. */
export const RUNNING: symbol = Symbol.for('millrace.docs.running');

/** A `// => value` mark and the statement it speaks of. */
interface Mark {
  readonly statement: Span;
  readonly expression: Span;
  /** At the top level the statement may await; inside a callback it may not. */
  readonly top: boolean;
  /** A declaration stays, and its name is what is compared. */
  readonly keep: boolean;
  readonly value: string;
  readonly end: number;
}

/** The title of a fence: `docs/start.md:12`. */
export const titleOf = (fence: Fence): string => `${fence.file}:${fence.line}`;

/** The fence as a module whose lines have the numbers that they have on the page. */
export const padded = (fence: Fence): string => '\n'.repeat(fence.line - 1) + fence.code;

/**
 * The fence as a module that checks itself. `expr; // => value` becomes a call of `equal` or, inside a callback,
 * `seen`; `expr; // => throws TypeError` becomes a call of `throws`. Line numbers stay those of the page.
 *
 * @throws when the code has a syntax error, or a mark follows no statement
 */
export function selfChecking(fence: Fence, origin: string): { code: string; seen: number[] } {
  let code = padded(fence);
  const seen: number[] = [];
  const head = `const $docs = globalThis[Symbol.for('millrace.docs.running')].get(${JSON.stringify(titleOf(fence))});`;
  for (const mark of marksOf(fence, code).toReversed()) {
    const line = lineAt(code, mark.statement.start);
    if (!mark.top) seen.push(line);
    code = code.slice(0, mark.statement.start) + check(code, mark, line) + code.slice(mark.end);
  }
  const local = code.replaceAll(EXAMPLE_ORIGIN, origin).replaceAll(asSocket(EXAMPLE_ORIGIN), asSocket(origin));
  return { code: head + local, seen };
}

function check(code: string, { statement, expression, top, keep, value, end }: Mark, line: number): string {
  const [, error] = /^throws\s+(\w+)$/.exec(value) ?? [];
  const method = error ? 'throws' : top ? 'equal' : 'seen';
  const actual = `${top ? 'async ' : ''}() => (${code.slice(expression.start, expression.end)})`;
  const wanted = error ? JSON.stringify(error) : `() => (${value})`;
  const kept = keep ? `${code.slice(statement.start, statement.end)} ` : '';
  const checked = `${kept}${top ? 'await ' : ''}$docs.${method}(${line}, ${actual}, ${wanted});`;
  return checked + '\n'.repeat(breaksIn(code.slice(statement.start, end)) - breaksIn(checked));
}

const breaksIn = (text: string): number => text.split('\n').length - 1;

function marksOf(fence: Fence, code: string): Mark[] {
  const { program, comments, errors } = parseSync('example.ts', code);
  const [error] = errors;
  if (error) throw new SyntaxError(`${fence.file}:${lineAt(code, error.labels[0]?.start ?? 0)} ${error.message}`);
  const statements = statementsOf(program);
  const marks: Mark[] = [];
  for (const [index, comment] of comments.entries()) {
    const [, first] = /^\s*=>\s*(.*)$/s.exec(comment.value) ?? [];
    if (first === undefined || comment.type !== 'Line') continue;
    const statement = statements.find(
      ({ statement: { end } }) => /^[ \t]*\n?[ \t]*$/.test(code.slice(end, comment.start)) && end <= comment.start,
    );
    if (!statement)
      throw new SyntaxError(`${fence.file}:${lineAt(code, comment.start)} \`// =>\` follows no statement`);
    marks.push({ ...statement, ...valueOf(first, comments.slice(index)) });
  }
  return marks;
}

/** A value may go on in the comment lines below, until it is a whole expression. */
function valueOf(first: string, [own, ...below]: { value: string; end: number }[]): { value: string; end: number } {
  let value = first.trim();
  let end = own?.end ?? 0;
  const whole = () => parseSync('value.ts', `(${value})`).errors.length === 0 || /^throws\s/.test(value);
  for (const next of below) {
    if (whole()) break;
    value += `\n${next.value}`;
    end = next.end;
  }
  return { value, end };
}

function statementsOf(program: ReturnType<typeof parseSync>['program']): Omit<Mark, 'value' | 'end'>[] {
  const top = new Set<unknown>(program.body);
  const found: Omit<Mark, 'value' | 'end'>[] = [];
  new Visitor({
    ExpressionStatement(statement) {
      const { expression } = statement;
      found.push({ statement, expression: logged(expression) ?? expression, top: top.has(statement), keep: false });
    },
    VariableDeclaration(statement) {
      const [only, ...more] = statement.declarations;
      if (only?.id.type !== 'Identifier' || more.length > 0) return;
      const name = { start: only.id.start, end: only.id.start + only.id.name.length };
      found.push({ statement, expression: name, top: top.has(statement), keep: true });
    },
  }).visit(program);
  return found;
}

/** What `console.log(...)` shows: `console.log(value); // => 1` compares the value. */
function logged(call: Expression): Span | undefined {
  if (call.type !== 'CallExpression' || call.callee.type !== 'MemberExpression') return undefined;
  const { object } = call.callee;
  return object.type === 'Identifier' && object.name === 'console' ? call.arguments[0] : undefined;
}
