import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = join(here, '..');

/** Puts the peers into bench/node_modules, at the versions of the lock file, and this package as a user would get it. */
export function install(): void {
  if (!isInstalled()) {
    process.stderr.write('bench: installing the peers from bench/package-lock.json (npm ci)\n');
    const flags = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
    const npm = process.env['npm_execpath'];
    const [command, args] = npm?.endsWith('.js') ? [process.execPath, [npm, ...flags]] : ['npm', flags];
    const { status } = spawnSync(command, args, { cwd: here, stdio: ['ignore', 2, 2] });
    if (status !== 0) throw new Error('npm ci failed in bench/; its output is above');
  }
  // A copy, so that it finds the rxjs and the undici that the peers use: those of bench/node_modules.
  const own = join(here, 'node_modules/millrace');
  rmSync(own, { recursive: true, force: true });
  for (const name of ['dist', 'package.json']) cpSync(join(root, name), join(own, name), { recursive: true });
}

function isInstalled(): boolean {
  const wanted = packagesOf('package-lock.json');
  const found = existsSync(join(here, 'node_modules/.package-lock.json'))
    ? packagesOf('node_modules/.package-lock.json')
    : {};
  return Object.entries(wanted).every(
    ([path, { version, optional }]) => path === '' || optional === true || found[path]?.version === version,
  );
}

interface Locked {
  readonly version?: string;
  readonly optional?: boolean;
}

function packagesOf(path: string): Readonly<Record<string, Locked>> {
  return (JSON.parse(readFileSync(join(here, path), 'utf8')) as { packages: Record<string, Locked> }).packages;
}

/** Names and versions of the peers, and of this package. */
export function versions(): Record<string, string> {
  const { dependencies } = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  return { millrace: version, ...dependencies };
}
