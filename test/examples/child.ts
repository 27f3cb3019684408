import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** The Node that runs TypeScript: this one, or the one that the project installs. */
const node = process.features.typescript ? process.execPath : `${root}node_modules/node/bin/node`;

/** A running example and what it has written so far. */
export interface Example {
  readonly child: ChildProcess;
  text: string;
  /** Resolves with what `pattern` found in the text, as soon as it is there. */
  says(pattern: RegExp): Promise<RegExpExecArray>;
  /** Resolves with the exit code. */
  readonly ended: Promise<number | null>;
}

/** Runs a file of `examples/` as a process of its own. */
export function runExample(file: string, ...args: readonly string[]): Example {
  const child = spawn(node, [`examples/${file}`, ...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'close').then(([code]) => code as number | null);
  const example: Example = {
    child,
    text: '',
    ended,
    async says(pattern) {
      for (;;) {
        const found = pattern.exec(example.text);
        if (found) return found;
        if (child.exitCode !== null) throw new Error(`ended without ${String(pattern)}:\n${example.text}`);
        await Promise.race([once(child.stdout, 'data'), ended]);
      }
    },
  };
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (example.text += text));
  }
  return example;
}
