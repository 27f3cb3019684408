import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { root } from './root.mjs';

const folders = ['lib', 'operators', 'test', 'examples', 'bench', '.ci'].filter((name) => existsSync(join(root, name)));
const settings = ['package.json', 'tsconfig.json', 'tsconfig.build.json', 'vitest.config.ts', '.size-limit.js'];

/** The formatter and the linter, always with the folders named: without them both walk node_modules. */
export const format = (mode) => ['oxfmt', mode, ...folders, ...settings];
export const lint = (...flags) => ['oxlint', '--deny-warnings', ...flags, ...folders];
