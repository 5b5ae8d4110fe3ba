/** Writes docs/rules.md from the rules: npm run docs. A test fails when the file is not what this would write. */
import { writeFileSync } from 'node:fs';
import { ALL_RULES } from '../server/src/rules/allRules.ts';
import { ruleDocumentation } from '../server/src/rules/ruleDocumentation.ts';

writeFileSync('docs/rules.md', ruleDocumentation(ALL_RULES));
console.log(`docs/rules.md: ${ALL_RULES.length} rules`);
