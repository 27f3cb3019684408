// Formats, then applies the linter's safe fixes.
import { spawnSync } from 'node:child_process';

import { root } from './root.mjs';
import { format, lint } from './tools.mjs';

let failed = false;
for (const [command, ...args] of [lint('--fix'), format('--write')]) {
  failed = spawnSync(command, args, { cwd: root, stdio: 'inherit' }).status !== 0 || failed;
}
process.exit(failed ? 1 : 0);
