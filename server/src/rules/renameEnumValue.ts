import { displayName } from '../catalog/catalog.ts';
import { qualified, stringsOf, typeKey } from '../catalog/resolve.ts';
import { isNew } from '../replay/step.ts';
import { findKeywords } from '../sql/spans/statementHead.ts';
import { keywordsSpan } from './place.ts';
import type { Rule } from './rule.ts';

export const renameEnumValue: Rule = {
  id: 'rename-enum-value',
  category: 'compatibility',
  level: 'information',
  since: '0.1.0',
  peers: ['pgfence rename-enum-value'],
  summary: 'The application that is still running writes the old value, and does not know the new one.',
  why: 'From here on the old label is refused with 22P02, and rows that had it read as the new one. Add the new value, let the application understand both, move the rows over, and stop using the old one.',
  bad: () => [
    {
      files: ["CREATE TYPE mood AS ENUM ('ok', 'sad');", "ALTER TYPE mood RENAME VALUE 'ok' TO 'fine';"],
    },
    { files: ["-- +goose Up\nALTER TYPE shop.\"Mood\" RENAME VALUE 'ok' TO 'fine';\n"] },
  ],
  good: () => [
    { files: ["CREATE TYPE mood AS ENUM ('ok');\nALTER TYPE mood RENAME VALUE 'ok' TO 'fine';"] },
    { files: ["ALTER TYPE mood ADD VALUE 'fine';"] },
    { files: ["-- +goose Up\nSELECT 1;\n-- +goose Down\nALTER TYPE mood RENAME VALUE 'fine' TO 'ok';\n"] },
  ],

  statements: ['AlterEnumStmt'],
  *checkStep(step) {
    if (!('AlterEnumStmt' in step.node) || step.node.AlterEnumStmt.oldVal === undefined) return;
    const { typeName, oldVal, newVal = '' } = step.node.AlterEnumStmt;
    const { schema, name } = qualified(stringsOf(typeName));
    const key = typeKey(step.before, step.session, schema, name);
    if (isNew(step, key)) return;
    yield {
      span:
        findKeywords(step.statement, ['rename', 'value']) ?? keywordsSpan(step.statement, 'alter', 'type'),
      message: `The application that is still running writes '${oldVal}' of ${displayName(key)}, which is '${newVal}' from here on.`,
      why: `'${oldVal}' is refused from here on (22P02), and its rows read as '${newVal}'. Deploy a version that understands both first.`,
    };
  },
};
