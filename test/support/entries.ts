import { readFileSync } from 'node:fs';
import { posix } from 'node:path';

interface Manifest {
  readonly exports: Record<string, string | { readonly types: string; readonly default: string }>;
  readonly imports: Record<string, Record<string, string>>;
}

/** package.json, as far as the tests read it. */
export const manifest: Manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest;

/** The names users import from, with the files they get. */
export const entries: readonly { readonly name: string; readonly types: string; readonly code: string }[] =
  Object.entries(manifest.exports).flatMap(([path, target]) =>
    typeof target === 'string'
      ? []
      : [
          {
            name: posix.join('millrace', path),
            types: posix.normalize(target.types),
            code: posix.normalize(target.default),
          },
        ],
  );
