import { mergeMap } from 'rxjs';

import type { Merge } from '../shapes.ts';

export const merge: Merge = (items, project, concurrency) => items.pipe(mergeMap(project, concurrency));
