import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const npm = (folder: string, ...args: string[]): Promise<unknown> =>
  run('npm', [...args, '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'], {
    cwd: folder,
    maxBuffer: 1e8,
  });

/** A project of somebody who uses millrace: outside of this repository, with the packed tarball installed. */
export interface Consumer {
  readonly folder: string;
  write(path: string, text: string): string;
  remove(): void;
}

/** Packs what would be published and installs it into an empty project, with `packages` beside it. */
export async function makeConsumer(packages: Readonly<Record<string, string>> = {}): Promise<Consumer> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-consumer-'));
  const { stdout } = await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], {
    maxBuffer: 1e8,
  });
  const [{ filename }] = JSON.parse(stdout) as [{ filename: string }];
  const { devDependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    devDependencies: Record<string, string>;
  };
  const write = (path: string, text: string): string => {
    writeFileSync(join(folder, path), text);
    return join(folder, path);
  };
  const dependencies = { millrace: `file:./${filename}`, rxjs: devDependencies['rxjs'], ...packages };
  write('package.json', JSON.stringify({ name: 'consumer', private: true, type: 'module', dependencies }));
  await npm(folder, 'install');
  return { folder, write, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/**
 * Runtimes and compilers that only these tests need, installed once beside the other caches.
 *
 * @returns the folder of each package, or `undefined` where it cannot be had
 */
export async function toolbox(
  packages: Readonly<Record<string, string>>,
): Promise<(name: string) => string | undefined> {
  const home = (name: string): string => resolve('.cache/toolbox', `${name}@${packages[name]}`);
  for (const [name, version] of Object.entries(packages)) {
    if (existsSync(home(name))) continue;
    // Beside it, and moved when it is complete: another test file may be at the same, and first.
    mkdirSync(dirname(home(name)), { recursive: true });
    const made = mkdtempSync(`${home(name)}-`);
    writeFileSync(join(made, 'package.json'), JSON.stringify({ private: true, dependencies: { [name]: version } }));
    const move = (): void => {
      if (!existsSync(home(name))) renameSync(made, home(name));
    };
    await npm(made, 'install', '--ignore-scripts')
      .then(move)
      .catch(() => {});
    rmSync(made, { recursive: true, force: true });
  }
  return (name) => (existsSync(home(name)) ? join(home(name), 'node_modules', name) : undefined);
}
