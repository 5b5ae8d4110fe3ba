import { objectKeyParts } from '../catalog/resolve.ts';
import type { Fix } from '../migrations/change.ts';
import { statementsOf } from '../migrations/migration.ts';
import type { Site } from '../replay/site.ts';
import { freeRelationName } from '../rewrites/freeName.ts';
import { quoteName, quotePath } from '../sql/names.ts';

/** The columns to keep, and the one for whose sake. */
interface KeptColumns {
  readonly columns: readonly string[];
  readonly of: string;
}

/** The fix that copies a table, or some of its columns, before the statement that loses what is in it. */
export function backupFirst(site: Site, table: string, kept?: KeptColumns): readonly Fix[] {
  const { step, file } = site;
  // A down that knows nothing of the copy would leave it behind.
  const undone = file.down !== undefined && statementsOf(file.down).length > 0;
  if (step.nested || undone) return [];
  const { schema, name } = objectKeyParts(table);
  const wanted = [name, kept?.of, 'backup'].filter((part) => part !== undefined).join('_');
  const copy = freeRelationName(site, schema, wanted);
  const inSchema = schema === 'public' ? undefined : schema;
  const source = quotePath(inSchema, name);
  const query =
    kept === undefined
      ? `TABLE ${source}`
      : `SELECT ${kept.columns.map(quoteName).join(', ')} FROM ${source}`;
  return [
    {
      title: `Keep a copy in ${copy}`,
      grade: 'review',
      changes: [
        {
          kind: 'insertBefore',
          statement: site.statement,
          text: `CREATE TABLE IF NOT EXISTS ${quotePath(inSchema, copy)} AS ${query}`,
        },
      ],
    },
  ];
}
