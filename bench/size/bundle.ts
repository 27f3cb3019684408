import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

import { build } from 'esbuild';

const here = fileURLToPath(new URL('..', import.meta.url));

/** Bytes of a program that has this in it, minified and gzipped, for browsers. */
export async function bundledBytes(program: string, outside: readonly string[]): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents: program, resolveDir: here, loader: 'js' },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    platform: 'browser',
    conditions: ['browser', 'production'],
    define: { 'process.env.NODE_ENV': '"production"', ngDevMode: 'false', ngJitMode: 'false' },
    external: [...outside, 'node:*'],
    treeShaking: true,
    logLevel: 'error',
  });
  return gzipSync(outputFiles[0]!.contents, { level: 9 }).length;
}
