import { displayName, tableTree } from '../catalog/catalog.ts';
import { keyOfRangeVar } from '../catalog/resolve.ts';
import { scansOf } from '../effects/effect.ts';
import { isNew } from '../replay/step.ts';
import { setNotNull as rewriteSetNotNull } from '../rewrites/setNotNull.ts';
import { alterTableCommands } from '../sql/spans/alterTable.ts';

import type { Rule } from './rule.ts';
import { listed, lockInWords } from './wording.ts';

export const setNotNull: Rule = {
  id: 'set-not-null',
  category: 'locking',
  level: 'warning',
  since: '0.1.0',
  peers: ['squawk adding-not-nullable-field', 'strong_migrations change_column_null', 'eugene E2'],
  summary: 'SET NOT NULL reads the whole table while it blocks reads and writes.',
  why: 'SET NOT NULL takes an ACCESS EXCLUSIVE lock and reads every row to see that none is NULL. PostgreSQL 12 and later skip the reading when a validated CHECK proves it: add CHECK (column IS NOT NULL) NOT VALID, VALIDATE it in the next migration (reads and writes go on), then SET NOT NULL and drop the CHECK. On 18 and later: ADD CONSTRAINT … NOT NULL column NOT VALID, then VALIDATE CONSTRAINT.',
  bad: () => [
    { files: ['ALTER TABLE orders ALTER COLUMN note SET NOT NULL;'] },
    {
      files: [
        'CREATE TABLE orders (id bigint PRIMARY KEY, total int CHECK (total > 0));',
        'ALTER TABLE orders ALTER COLUMN total SET NOT NULL;',
      ],
    },
    {
      files: [
        'ALTER TABLE orders ADD CONSTRAINT note_set CHECK (note IS NOT NULL) NOT VALID;',
        'ALTER TABLE orders ALTER COLUMN note SET NOT NULL;',
      ],
    },
  ],
  good: () => [
    {
      files: [
        'CREATE TABLE orders (id bigint PRIMARY KEY, note text);\nALTER TABLE orders ALTER COLUMN note SET NOT NULL;',
      ],
    },
    {
      files: [
        'ALTER TABLE orders ADD CONSTRAINT note_set CHECK (note IS NOT NULL) NOT VALID;',
        'ALTER TABLE orders VALIDATE CONSTRAINT note_set;',
        'ALTER TABLE orders ALTER COLUMN note SET NOT NULL;',
      ],
    },
    {
      files: [
        'CREATE TABLE orders (id bigint PRIMARY KEY, note text NOT NULL);',
        'ALTER TABLE orders ALTER COLUMN note SET NOT NULL;',
      ],
    },
    { files: ['ALTER TABLE orders ALTER COLUMN note DROP NOT NULL;'] },
  ],

  statements: ['AlterTableStmt'],
  *checkStep(step, context) {
    if (!('AlterTableStmt' in step.node)) return;
    const table = keyOfRangeVar(step.before, step.session, step.node.AlterTableStmt.relation);
    if (isNew(step, table)) return;
    const scanned = tableTree(step.before, table)
      .flatMap((each) => scansOf(step.effect, each))
      .filter((scan) => scan.reason === 'notNull');
    const commands = alterTableCommands(step.statement).filter(
      ({ command }) =>
        command.subtype === 'AT_SetNotNull' && scanned.some((scan) => scan.subject === command.name),
    );
    const [first] = commands;
    if (first === undefined) return;
    const columns = commands.map(({ command }) => command.name ?? '');
    const column = columns[0] ?? '';
    const name = displayName(table);
    const safe =
      context.postgresVersion >= 18
        ? `add CONSTRAINT … NOT NULL ${column} NOT VALID, and VALIDATE CONSTRAINT in the next migration`
        : `first add CHECK (${column} IS NOT NULL) NOT VALID; in the next migration VALIDATE it, then SET NOT NULL and drop the CHECK, each its own statement`;
    yield {
      span: first.span,
      message: `SET NOT NULL reads all of ${name} while it blocks reads and writes.`,
      why: `It takes ${lockInWords(step, table)}, and holds it while it looks for a NULL in ${listed(columns)}. To keep the table open, ${safe}.`,
      fixes: (site) => rewriteSetNotNull(site, context, table, commands),
    };
  },
};
