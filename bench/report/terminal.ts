import type { Case } from '../harness/contract.ts';
import { brief } from '../harness/stats.ts';
import type { Goal } from './goals.ts';

const WIDE = 74;

const cell = (value: number | undefined): string => (value === undefined ? '' : brief(value)).padStart(9);

/** A case as a table of plain text. */
export function tableOf({ title, unit, rows, failed = [] }: Case): string {
  const head = `${`${title}${unit && `, ${unit}`}`.padEnd(WIDE)}   figure   x ours     wall  RSS, MB`;
  const lines = rows.map(({ name, value, ratio, wall, rssMb, note }) => {
    const label = `  ${note === undefined ? name : `${name} (${note})`}`.padEnd(WIDE);
    return `${label}${cell(value)}${cell(ratio)}${cell(wall)}${cell(rssMb)}`;
  });
  return ['', head, ...lines, ...failed.map((text) => `  failed: ${text}`)].join('\n');
}

export function goalLines(goals: readonly Goal[]): string {
  const lines = goals.map(({ work, goal, figure, met }) => {
    const word = met === undefined ? '?      ' : met ? 'met    ' : 'NOT MET';
    return `  ${word}  ${work}: ${goal}; found ${figure}`;
  });
  return ['', 'Goals', ...lines].join('\n');
}
