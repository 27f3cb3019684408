import { fileURLToPath } from 'node:url';

import { defineConfig } from 'vitest/config';

const source = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// The tests run on the sources, in which the names that package.json points at dist/ are these files.
const alias = [
  { find: /^#fetch$/, replacement: source('lib/transport/fetch-elsewhere.ts') },
  { find: /^#socket$/, replacement: source('lib/stream/socket-node.ts') },
  { find: /^#transport$/, replacement: source('lib/transport/default-node.ts') },
  { find: /^millrace$/, replacement: source('lib/index.ts') },
  { find: /^millrace\/undici$/, replacement: source('lib/transport/undici.ts') },
  { find: /^millrace\/operators$/, replacement: source('operators/index.ts') },
  { find: /^millrace\/testing$/, replacement: source('lib/testing/index.ts') },
];

export default defineConfig({
  test: {
    maxWorkers: 2,
    pool: 'threads',
    testTimeout: 15_000, // two workers on a busy machine are slow
    hookTimeout: 30_000,
    silent: 'passed-only',
    passWithNoTests: true,
    projects: [
      {
        extends: true,
        resolve: { alias },
        test: { name: 'unit', include: ['test/**/*.test.ts'], exclude: ['test/docs/**', 'test/api/**'] },
      },
      {
        // Examples and API report read dist/, as a user does; Node itself runs the examples.
        extends: true,
        test: {
          name: 'docs',
          include: ['test/docs/**/*.test.ts', 'test/api/**/*.test.ts'],
          testTimeout: 60_000, // many of these start a compiler, or another Node
          server: { deps: { external: [/\/\.cache\/examples-/] } },
        },
      },
    ],
  },
});
