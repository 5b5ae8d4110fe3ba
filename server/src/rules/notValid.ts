import type { Constraint as ConstraintNode } from '@pgsql/types';
import { apply } from '../catalog/apply.ts';
import { constraintOf, displayName, tableOf } from '../catalog/catalog.ts';
import { objectKeyParts } from '../catalog/resolve.ts';
import type { Fix } from '../migrations/change.ts';
import type { Site } from '../replay/site.ts';
import type { Step } from '../replay/step.ts';
import { inTransactionBlock } from '../replay/step.ts';
import { quoteName, quotePath } from '../sql/names.ts';
import type { AlterTableCommandSpans } from '../sql/spans/alterTable.ts';

/**
 * The fix that ADD FOREIGN KEY and ADD CHECK share: add the constraint NOT VALID, which reads nothing, and VALIDATE it
 * afterwards, which blocks nobody; in the next migration where one transaction would keep the first lock meanwhile.
 */
export function notValidThenValidate(
  site: Site,
  table: string,
  spans: AlterTableCommandSpans,
  constraint: ConstraintNode,
): readonly Fix[] {
  const { step } = site;
  const name = constraintName(step, table, constraint);
  if (step.nested || name === undefined || site.script.direction !== 'up') return [];
  const { schema, name: tableName } = objectKeyParts(table);
  const written = quotePath(schema === 'public' ? undefined : schema, tableName);
  const validate = `ALTER TABLE ${written} VALIDATE CONSTRAINT ${quoteName(name)}`;
  const notValid = {
    kind: 'insertClause',
    statement: site.statement,
    offset: spans.span.end,
    text: 'NOT VALID',
  } as const;
  if (!inTransactionBlock(step) && step.placement.mode === 'autocommit') {
    return [
      {
        title: 'Add it NOT VALID, then VALIDATE it',
        grade: 'safe',
        changes: [notValid, { kind: 'insertAfter', statement: site.statement, text: validate }],
      },
    ];
  }
  // Later migrations must have left it as it is made here.
  if (constraintOf(tableOf(site.end(), table), name)?.path !== site.file.path) return [];
  return [
    {
      title: 'Add it NOT VALID, and VALIDATE it in the next migration',
      grade: 'review',
      changes: [
        notValid,
        {
          kind: 'newMigration',
          migration: {
            name: `validate_${name}`,
            transactional: true,
            up: [validate],
            down: [],
            comment: [
              `Checks the rows that were there before ${name} was added; reads and writes go on meanwhile.`,
            ],
          },
        },
      ],
    },
  ];
}

/** The constraint's name: as written, or as Postgres will choose it. */
export function constraintName(step: Step, table: string, constraint: ConstraintNode): string | undefined {
  if (constraint.conname !== undefined) return constraint.conname;
  const before = new Set(tableOf(step.before, table)?.constraints.map((each) => each.name));
  const after = apply(step.before, step.node, { searchPath: step.session.searchPath, path: '' });
  const added = tableOf(after, table)?.constraints.filter((each) => !before.has(each.name)) ?? [];
  return added.length === 1 ? added[0]?.name : undefined;
}

/** What VALIDATE does, for a message. */
export function validateInWords(table: string): string {
  return `Add it NOT VALID, which reads nothing, and VALIDATE CONSTRAINT in the next migration: that reads ${displayName(table)} without standing in anyone's way.`;
}
