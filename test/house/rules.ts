import { codeRules } from './code-rules.js';
import type { Rule } from './house.js';
import { importRules } from './import-rules.js';
import { operatorRules } from './operator-rules.js';
import { textRules } from './text-rules.js';
import { treeRules } from './tree-rules.js';

/** All rules by name; the name stands in front of every finding. */
export const rules: Readonly<Record<string, Rule>> = {
  ...treeRules,
  ...importRules,
  ...codeRules,
  ...operatorRules,
  ...textRules,
};
