import { fileURLToPath } from 'node:url';

import { defineConfig } from 'vitest/config';

import settings from './tsconfig.json' with { type: 'json' };

// The tests run on the sources, in which the names that package.json points at dist/ are these files.
const alias = Object.entries(settings.compilerOptions.paths).map(([name, [path = '']]) => ({
  find: new RegExp(`^${name}$`),
  replacement: fileURLToPath(new URL(path, import.meta.url)),
}));

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
