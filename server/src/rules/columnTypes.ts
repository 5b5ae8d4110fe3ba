import type { ColumnDef } from '@pgsql/types';
import { stringsOf } from '../catalog/resolve.ts';
import type { Fix } from '../migrations/change.ts';
import type { Site } from '../replay/site.ts';
import type { Step } from '../replay/step.ts';
import type { Span } from '../sql/span.ts';
import { alterTableCommands } from '../sql/spans/alterTable.ts';
import { tableElements } from '../sql/spans/createTable.ts';
import type { StatementKind } from './rule.ts';

/** A type that a statement gives to a column: of CREATE TABLE, ADD COLUMN, ALTER COLUMN TYPE. */
export interface WrittenType {
  readonly column: string;
  /** Postgres's internal name where it is a built-in one (int4, varchar, timestamp), else the last part as written. */
  readonly type: string;
  /** Whether a length or the like is given. */
  readonly sized: boolean;
  readonly definition: ColumnDef;
  /** In the statement's text. */
  readonly span: Span;
  /** False of ALTER COLUMN TYPE. */
  readonly isNew: boolean;
}

/** The kinds of statements that may write types for columns. */
export const WRITING_TYPES: readonly StatementKind[] = [
  'CreateStmt',
  'CreateForeignTableStmt',
  'AlterTableStmt',
];

/** The types that a statement of an up script writes for columns. */
export function* writtenTypes(step: Step): Generator<WrittenType> {
  if (step.placement.direction === 'down') return;
  for (const { element, column, span } of tableElements(step.statement)) {
    if ('ColumnDef' in element) yield* written(element.ColumnDef, column?.type ?? span, true);
  }
  for (const { command, column, type, span } of alterTableCommands(step.statement)) {
    if (command.def === undefined || !('ColumnDef' in command.def)) continue;
    if (command.subtype === 'AT_AddColumn') yield* written(command.def.ColumnDef, column?.type ?? span, true);
    if (command.subtype === 'AT_AlterColumnType') {
      yield* written({ ...command.def.ColumnDef, colname: command.name ?? '' }, type ?? span, false);
    }
  }
}

function* written(definition: ColumnDef, span: Span, isNew: boolean): Generator<WrittenType> {
  const type = stringsOf(definition.typeName?.names).at(-1);
  if (type === undefined) return;
  const sized = (definition.typeName?.typmods ?? []).length > 0;
  yield { column: definition.colname ?? '', type, sized, definition, span, isNew };
}

/** The fix that writes another type, its array brackets kept. */
export function writeType({ statement, step }: Site, { span }: WrittenType, type: string): readonly Fix[] {
  if (step.nested) return [];
  const brackets = /(\s*\[\d*\])+$/.exec(step.statement.text.slice(span.start, span.end))?.[0] ?? '';
  return [
    {
      title: `Use ${type}`,
      grade: 'review',
      changes: [{ kind: 'replaceStatement', statement, span, text: type + brackets }],
    },
  ];
}
