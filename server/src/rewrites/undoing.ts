import type { AlterTableCmd } from '@pgsql/types';
import { displayName } from '../catalog/catalog.ts';
import { type MigrationFile, statementsOf } from '../migrations/migration.ts';
import { alterTableCommands } from '../sql/spans/alterTable.ts';
import type { Statement } from '../sql/statement.ts';

/**
 * The statements of a file's down script that are an ALTER TABLE of the table (a key of the catalog) with one command,
 * and that such a one as `undoes` says; undefined where one does so among other commands, and cannot be taken out.
 */
export function undoingCommands(
  file: MigrationFile,
  table: string,
  undoes: (command: AlterTableCmd) => boolean,
): readonly Statement[] | undefined {
  const found: Statement[] = [];
  for (const statement of file.down === undefined ? [] : statementsOf(file.down)) {
    const { node } = statement.parsed;
    if (node === undefined || !('AlterTableStmt' in node)) continue;
    const { relname, schemaname } = node.AlterTableStmt.relation ?? {};
    const named = displayName(`${schemaname ?? 'public'}\u0000${relname ?? ''}`);
    const known = displayName(table);
    if (named !== known && (schemaname !== undefined || !known.endsWith(`.${relname}`))) continue;
    const commands = alterTableCommands(statement.parsed);
    const some = commands.some(({ command }) => undoes(command));
    if (some && !commands.every(({ command }) => undoes(command))) return undefined;
    if (some) found.push(statement);
  }
  return found;
}
