import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');

/** Collects garbage, also where the process was started without `--expose-gc`. */
export const gc = runInNewContext('gc') as () => void;
