import type { AlterTableCmd, Node } from '@pgsql/types';
import { displayName } from '../catalog/catalog.ts';
import { type MigrationFile, statementsOf } from '../migrations/migration.ts';
import { alterTableCommands } from '../sql/spans/alterTable.ts';
import { withoutCommands } from './alterTableText.ts';
import type { Undoing } from './rewrite.ts';

/** The ALTER TABLEs of the table (a key of the catalog) in a file's down script with such commands as `undoes` says. */
export function undoingCommands(
  file: MigrationFile,
  table: string,
  undoes: (command: AlterTableCmd) => boolean,
): readonly Undoing[] {
  const found: Undoing[] = [];
  for (const statement of file.down === undefined ? [] : statementsOf(file.down)) {
    const { node } = statement.parsed;
    if (node === undefined || !('AlterTableStmt' in node)) continue;
    const { relname, schemaname } = node.AlterTableStmt.relation ?? {};
    const named = displayName(`${schemaname ?? 'public'}\u0000${relname ?? ''}`);
    const known = displayName(table);
    if (named !== known && (schemaname !== undefined || !known.endsWith(`.${relname}`))) continue;
    const commands = alterTableCommands(statement.parsed);
    const undone = commands.filter(({ command }) => undoes(command));
    if (undone.length > 0) found.push({ statement, stays: withoutCommands(statement.parsed, undone) });
  }
  return found;
}

/** The statements of a file's down script that drop a constraint of the table (a key of the catalog). */
export function dropsOfConstraint(
  file: MigrationFile,
  table: string,
  constraint: string,
): readonly Undoing[] {
  return undoingCommands(
    file,
    table,
    ({ subtype, name }) => subtype === 'AT_DropConstraint' && name === constraint,
  );
}

/** The statements of a file's down script that drop a column of the table (a key of the catalog). */
export function dropsOfColumn(file: MigrationFile, table: string, column: string): readonly Undoing[] {
  return undoingCommands(file, table, ({ subtype, name }) => subtype === 'AT_DropColumn' && name === column);
}

/** The statements of a file's down script that are such as `undoes` says. */
export function undoingStatements(file: MigrationFile, undoes: (node: Node) => boolean): readonly Undoing[] {
  return (file.down === undefined ? [] : statementsOf(file.down)).flatMap((statement) => {
    const { node } = statement.parsed;
    return node !== undefined && undoes(node) ? { statement, stays: undefined } : [];
  });
}
