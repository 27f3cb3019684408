/** Files that break a rule, by path, and the place that the rule has to name. */
interface Sample {
  readonly rule: string;
  readonly because: string;
  readonly at: string;
  readonly files: Readonly<Record<string, string>>;
}

type Row = readonly [rule: string, because: string, at: string, files: Record<string, string>];

const lines = (count: number): string => 'x;\n'.repeat(count);

/** An operator in the right shape: the samples below spoil one thing each. */
const operator = `import { map, type OperatorFunction } from 'rxjs';

import { systemClock } from '../lib/core/clock.js';

/** Settings for {@link stampTime}. */
export interface StampTimeOptions {
  readonly clock?: typeof systemClock;
}

/**
 * Puts the time beside each value.
 *
 * - next: passed on with its time.
 * - error: passed through.
 * - complete: passed through.
 * - unsubscribe: passed through.
 *
 * @see RFC 3339
 *
 * @example
 * \`\`\`ts
 * import { stampTime } from 'millrace/operators';
 *
 * typeof stampTime; // => 'function'
 * \`\`\`
 */
export function stampTime<T>({ clock = systemClock }: StampTimeOptions = {}): OperatorFunction<T, [T, number]> {
  return map((value) => [value, clock.now()]);
}
`;

/** What has to stand beside it. */
export const neighbours: Readonly<Record<string, string>> = {
  'lib/core/clock.ts': '/** Time. */\nexport const systemClock = { now: () => 0 };\n',
  'operators/index.ts': "export { stampTime } from './stamp-time.js';\n",
  'operators/stamp-time.ts': operator,
  'test/operators/stamp-time.test.ts': "it('stamps', () => {});\n",
  'docs/operators/stamp-time.md': '# stampTime\n',
  'CHANGELOG.md': '# Changelog\n\n## Unreleased\n\n- `stampTime` puts the time beside each value.\n',
  'package.json': '{ "version": "0.1.0" }\n',
};

const spoil = (from: string | RegExp, to: string): Record<string, string> => ({
  'operators/stamp-time.ts': operator.replace(from, to),
});
const without = (path: string): Record<string, string> => {
  const { [path]: _, ...rest } = neighbours;
  return rest;
};
const swap = operator.replace(/(import \{ map.*\n)\n(import .*\n)/, '$2\n$1');

const rows: readonly Row[] = [
  ['tree', 'a new folder at the top', 'src/a.ts:1', { 'src/a.ts': '' }],
  ['tree', 'a room the design does not know', 'lib/kitchen/a.ts:1', { 'lib/kitchen/a.ts': '' }],
  ['names', 'camelCase', 'lib/core/rateLimit.ts:1', { 'lib/core/rateLimit.ts': '' }],
  ['drawers', 'a drawer for everything', 'lib/core/utils.ts:1', { 'lib/core/utils.ts': '' }],
  ['drawers', 'a folder of it', 'test/helpers/a.ts:1', { 'test/helpers/a.ts': '' }],
  ['length', 'a long operator', 'operators/a.ts:121', { 'operators/a.ts': lines(121) }],
  ['length', 'a long source', 'lib/core/a.ts:201', { 'lib/core/a.ts': lines(201) }],
  ['length', 'a long test', 'test/core/a.test.ts:301', { 'test/core/a.test.ts': lines(301) }],
  ['length', 'a long page', 'docs/start.md:151', { 'docs/start.md': lines(151) }],
  ['length', 'a long decision', 'docs/decisions/a.md:41', { 'docs/decisions/a.md': lines(41) }],
  ['settings', 'much to set', 'package.json:1', { 'package.json': lines(350) }],
  ['companions', 'no test', 'operators/stamp-time.ts:1', without('test/operators/stamp-time.test.ts')],
  ['companions', 'no page', 'operators/stamp-time.ts:1', without('docs/operators/stamp-time.md')],
  ['companions', 'not in the index', 'operators/stamp-time.ts:1', without('operators/index.ts')],
  ['companions', 'not in the changelog', 'operators/stamp-time.ts:1', without('CHANGELOG.md')],
  ['orphans', 'a page of nothing', 'docs/operators/gone.md:1', { 'docs/operators/gone.md': '' }],
  ['orphans', 'a test of nothing', 'test/operators/gone.test.ts:1', { 'test/operators/gone.test.ts': '' }],
  ['directions', 'up', 'lib/core/a.ts:2', { 'lib/core/a.ts': "\nimport '../http/b.js';" }],
  ['directions', 'sideways', 'lib/codec/a.ts:1', { 'lib/codec/a.ts': "import '../transport/b.js';" }],
  ['directions', 'core to operators', 'lib/core/a.ts:1', { 'lib/core/a.ts': "import '../../operators/b.js';" }],
  ['directions', 'up, lazily', 'lib/core/a.ts:1', { 'lib/core/a.ts': "await import('../http/b.js');" }],
  ['directions', 'a package of another floor', 'lib/core/a.ts:1', { 'lib/core/a.ts': "import 'undici';" }],
  [
    'directions',
    'a second file that names it',
    'lib/transport/a.ts:1',
    { 'lib/transport/a.ts': "import('cross-fetch' as string);" },
  ],
  ['directions', 'ws past its gate', 'lib/stream/a.ts:1', { 'lib/stream/a.ts': "import('ws' as string);" }],
  ['barrels', 'an index', 'lib/http/a.ts:1', { 'lib/http/a.ts': "import { b } from '../../operators/index.js';" }],
  ['barrels', 'the package itself', 'lib/http/a.ts:1', { 'lib/http/a.ts': "import { b } from 'millrace';" }],
  ['internals', 'a private file of rxjs', 'test/a.ts:1', { 'test/a.ts': "import 'rxjs/internal/Observable';" }],
  ['extensions', 'no suffix', 'lib/core/a.ts:1', { 'lib/core/a.ts': "import './b';", 'lib/core/b.ts': '' }],
  ['extensions', 'no such file', 'lib/core/a.ts:1', { 'lib/core/a.ts': "import './b.js';" }],
  [
    'cycles',
    'two files',
    'lib/core/b.ts:1',
    { 'lib/core/a.ts': "import './b.js';", 'lib/core/b.ts': "import './a.js';" },
  ],
  ['syntax', 'half a line', 'lib/core/a.ts:1', { 'lib/core/a.ts': 'const =' }],
  ['named', 'a star', 'lib/core/a.ts:1', { 'lib/core/a.ts': "export * from './b.js';" }],
  ['named', 'a default', 'lib/core/a.ts:1', { 'lib/core/a.ts': 'export default 1;' }],
  ['erasable', 'an enum', 'lib/core/a.ts:1', { 'lib/core/a.ts': 'enum A { B }' }],
  ['erasable', 'a namespace', 'lib/core/a.ts:1', { 'lib/core/a.ts': 'namespace A {}' }],
  ['known', 'any', 'lib/core/a.ts:2', { 'lib/core/a.ts': '\nconst a = 1 as any;' }],
  ['silenced', 'the compiler', 'lib/core/a.ts:1', { 'lib/core/a.ts': '// @ts-ignore\nconst a = 1;' }],
  ['silenced', 'the compiler, unexplained', 'test/a.ts:1', { 'test/a.ts': '// @ts-expect-error\nconst a = 1;' }],
  ['silenced', 'the linter', 'lib/core/a.ts:1', { 'lib/core/a.ts': '// oxlint-disable-next-line no-var\nvar a = 1;' }],
  ['unfinished', 'a note to oneself', 'lib/core/a.ts:1', { 'lib/core/a.ts': '// TODO: later' }],
  ['timeless', 'a timer', 'operators/a.ts:1', { 'operators/a.ts': 'setTimeout(() => {}, 1);' }],
  ['timeless', 'a timer by way of globalThis', 'lib/http/a.ts:1', { 'lib/http/a.ts': 'globalThis.setInterval(f, 1);' }],
  ['timeless', 'the date', 'lib/core/a.ts:1', { 'lib/core/a.ts': 'const a = Date.now();' }],
  ['timeless', 'the date, made', 'lib/core/a.ts:1', { 'lib/core/a.ts': 'const a = new Date();' }],
  ['timeless', 'chance', 'lib/core/a.ts:1', { 'lib/core/a.ts': 'const a = Math.random;' }],
  ['timeless', 'the console', 'lib/core/a.ts:1', { 'lib/core/a.ts': 'console.warn(1);' }],
  ['functions', 'a long body', 'lib/core/a.ts:1', { 'lib/core/a.ts': `function a() {\n${lines(51)}}` }],
  [
    'functions',
    'a deep body',
    'lib/core/a.ts:5',
    { 'lib/core/a.ts': 'function a() {\nif (1) {\nfor (;;) {\ntry {\nif (2) {}\n} catch {}\n}\n}\n}' },
  ],
  ['options', 'a member to write to', 'lib/core/a.ts:2', { 'lib/core/a.ts': 'interface AOptions {\n  a?: number;\n}' }],
  ['shortLived', 'a closure on a property', 'lib/core/a.ts:1', { 'lib/core/a.ts': 'this.a = () => this;' }],
  ['shortLived', 'one on a private property', 'lib/core/a.ts:1', { 'lib/core/a.ts': 'this.#a ??= function () {};' }],
  ['order', 'core before rxjs', 'operators/stamp-time.ts:3', { 'operators/stamp-time.ts': swap }],
  ['order', 'an import from above', 'operators/stamp-time.ts:3', spoil('../lib/core/clock.js', '../lib/http/call.js')],
  ['order', 'a second function', 'operators/stamp-time.ts:30', spoil(/$/, 'export function other(): void {}\n')],
  ['order', 'a constant', 'operators/stamp-time.ts:30', spoil(/$/, 'export const LIMIT = 1;\n')],
  ['contract', 'no JSDoc', 'operators/stamp-time.ts:10', spoil(/\/\*\*\n \* Puts[^]*?\*\/\n/, '')],
  ['contract', 'one line of four missing', 'operators/stamp-time.ts:10', spoil(' * - complete: passed through.\n', '')],
  ['contract', 'another order', 'operators/stamp-time.ts:10', spoil(/( \* - next.*\n)( \* - error.*\n)/, '$2$1')],
  ['contract', 'no source', 'operators/stamp-time.ts:10', spoil(' * @see RFC 3339\n', '')],
  ['contract', 'an example that shows nothing', 'operators/stamp-time.ts:10', spoil('millrace/operators', 'rxjs')],
  ['contract', 'no sentence', 'operators/stamp-time.ts:10', spoil(' * Puts the time beside each value.\n *\n', '')],
  ['naming', 'another name than its file', 'operators/stamp-time.ts:27', spoil('function stampTime', 'function stamp')],
  ['naming', 'a name of RxJS', 'operators/retry.ts:1', { 'operators/retry.ts': 'export function retry(): void {}' }],
  ['kinds', 'a kind without a row', 'docs/errors.md:1', { 'lib/core/errors.ts': "export type ErrorKind = 'network';" }],
  [
    'kinds',
    'a row without a kind',
    'docs/errors.md:4',
    {
      'lib/core/errors.ts': "export type ErrorKind = 'a';",
      'docs/errors.md': '| kind | x |\n| --- | --- |\n| `a` | |\n| `b` | |\n',
    },
  ],
  ['changelog', 'an old version', 'CHANGELOG.md:3', { ...neighbours, 'CHANGELOG.md': '# Changelog\n\n## 0.0.9\n' }],
  [
    'documented',
    'a public name',
    'lib/core/a.ts:1',
    { 'lib/index.ts': "export { a } from './core/a.js';", 'lib/core/a.ts': 'export const a = 1;' },
  ],
  ['titles', 'an obligation', 'test/a.test.ts:1', { 'test/a.test.ts': "it('should work', () => {});" }],
  [
    'titles',
    'an obligation in a table',
    'test/a.test.ts:1',
    { 'test/a.test.ts': 'it.each([1])(`should %s`, () => {});' },
  ],
  ['running', 'only', 'test/a.test.ts:1', { 'test/a.test.ts': "it.only('works', () => {});" }],
  ['running', 'skip', 'test/a.test.ts:1', { 'test/a.test.ts': "it.skip('works', () => {});" }],
];

export const samples: readonly Sample[] = rows.map(([rule, because, at, files]) => ({ rule, because, at, files }));
