import type { Span } from 'oxc-parser';

/** A function's body, and the place inside it that is nested deepest. */
export interface Measured {
  readonly body: Span;
  readonly deepest: { readonly start: number; readonly depth: number } | undefined;
}

interface Node extends Span {
  readonly type: string;
  readonly [key: string]: unknown;
}

const isFunction = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression']);
const nests = new Set([
  'IfStatement',
  'ForStatement',
  'ForInStatement',
  'ForOfStatement',
  'WhileStatement',
  'DoWhileStatement',
  'SwitchStatement',
  'TryStatement',
]);

/** Every function below a node that has a block for a body. A function inside another counts its own nesting. */
export function functionsOf(root: object): Measured[] {
  const found: Measured[] = [];
  const enter = (node: Node): void => {
    const body = node['body'];
    if (isFunction.has(node.type) && isNode(body) && body.type === 'BlockStatement') {
      found.push({ body, deepest: deepestIn(body) });
    }
    for (const child of childrenOf(node)) enter(child);
  };
  enter(root as Node);
  return found;
}

function deepestIn(body: Node): Measured['deepest'] {
  let deepest: Measured['deepest'];
  const enter = (node: Node, depth: number, isElse: boolean): void => {
    if (isFunction.has(node.type)) return;
    const own = nests.has(node.type) && !isElse ? depth + 1 : depth;
    if (own > (deepest?.depth ?? 0)) deepest = { start: node.start, depth: own };
    for (const child of childrenOf(node))
      enter(child, own, child === node['alternate'] && child.type === 'IfStatement');
  };
  enter(body, 0, false);
  return deepest;
}

function childrenOf(node: Node): Node[] {
  return Object.values(node).flatMap((value) =>
    Array.isArray(value) ? value.filter(isNode) : isNode(value) ? [value] : [],
  );
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value;
}
