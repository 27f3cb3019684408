import { mergeOrdered } from 'millrace/operators';

import type { Merge } from '../shapes.ts';

export const merge: Merge = (items, project, concurrency) => items.pipe(mergeOrdered(project, { concurrency }));
