import type { AlterTableCmd, AlterTableStmt } from '@pgsql/types';
import type { Span } from '../span.ts';
import type { ParsedStatement } from '../statement.ts';
import { type ColumnSpans, columnSpans, typeSpan } from './columnSpans.ts';
import { keywordEnd, readHead, takeExists } from './statementHead.ts';
import { type Segment, segments, TokenCursor } from './tokenCursor.ts';

/** One command of an ALTER TABLE (INDEX, VIEW, TYPE …). UTF-16 offsets in the statement's text. */
export interface AlterTableCommandSpans {
  readonly command: AlterTableCmd;
  /** The whole command, without the commas. A constraint's NOT VALID goes at its end. */
  readonly span: Span;
  /** After `ADD [COLUMN]`, `DROP [COLUMN | CONSTRAINT]`: where IF [NOT] EXISTS goes. */
  readonly existsAt: number;
  /** The column, constraint, trigger or rule it names; the partition of ATTACH and DETACH. */
  readonly name?: Span;
  /** The new column's parts, of ADD COLUMN. */
  readonly column?: ColumnSpans;
  /** The new type, of ALTER COLUMN … TYPE. */
  readonly type?: Span;
  /** The constraint that is added, from its first word. */
  readonly constraint?: Span;
}

const known = new WeakMap<ParsedStatement, readonly AlterTableCommandSpans[]>();

/** The commands of an ALTER TABLE, one for each of the tree's `cmds`; of any other statement none. */
export function alterTableCommands(parsed: ParsedStatement): readonly AlterTableCommandSpans[] {
  let found = known.get(parsed);
  if (found === undefined) {
    found = readCommands(parsed);
    known.set(parsed, found);
  }
  return found;
}

function readCommands(parsed: ParsedStatement): readonly AlterTableCommandSpans[] {
  if (parsed.node === undefined || !('AlterTableStmt' in parsed.node)) return [];
  const statement = parsed.node.AlterTableStmt;
  const { tokens } = parsed;
  const parts = segments(tokens, firstCommand(parsed, statement), tokens.length);
  const commands = (statement.cmds ?? []).flatMap((node) =>
    'AlterTableCmd' in node ? [node.AlterTableCmd] : [],
  );
  // The grammar has no comma outside parentheses within a command. Should it get one, the statement is the span.
  const aligned = parts.length === commands.length;
  return commands.map((command, index) => {
    const part = aligned ? parts[index] : undefined;
    if (part !== undefined) return commandSpans(parsed, command, part);
    return { command, span: { start: 0, end: parsed.text.length }, existsAt: parsed.text.length };
  });
}

function firstCommand(parsed: ParsedStatement, statement: AlterTableStmt): number {
  const cursor = new TokenCursor(parsed.tokens);
  readHead(cursor);
  // ONLY (name): the head stops before the parenthesis.
  if (cursor.parentheses() === undefined && statement.relation?.inh === true) cursor.take('*');
  return cursor.index;
}

function commandSpans(
  parsed: ParsedStatement,
  command: AlterTableCmd,
  segment: Segment,
): AlterTableCommandSpans {
  const { tokens } = parsed;
  const cursor = new TokenCursor(tokens, segment.first, segment.last);
  cursor.next();
  cursor.takeAny(kindsNamedBy(parsed, command));
  const existsAt = cursor.offset;
  takeExists(cursor);
  const spans = { command, span: { start: segment.start, end: segment.end }, existsAt };
  const definition = command.def;
  if (command.subtype === 'AT_AddConstraint' && definition !== undefined && 'Constraint' in definition) {
    const start = definition.Constraint.location ?? segment.start;
    const name = definition.Constraint.conname === undefined ? undefined : cursor.name();
    return { ...spans, constraint: { start, end: segment.end }, ...(name && { name: name.last }) };
  }
  const name = NAMELESS.has(command.subtype ?? '') ? undefined : cursor.name();
  const named = { ...spans, ...(name && { name: name.last }) };
  if (definition === undefined || !('ColumnDef' in definition)) return named;
  const column = definition.ColumnDef;
  if (command.subtype === 'AT_AddColumn') return { ...named, column: columnSpans(tokens, segment, column) };
  const type = typeSpan(tokens, segment, column);
  return { ...named, ...(type && { type }) };
}

/** The words between a command's verb and the name. Most are no reserved words: a column may be called `rule`. */
function kindsNamedBy(parsed: ParsedStatement, command: AlterTableCmd): readonly string[] {
  const subtype = command.subtype ?? '';
  if (subtype.includes('Constraint')) return ['constraint'];
  if (subtype.includes('Partition')) return ['partition'];
  if (subtype.includes('Trig')) return ['trigger', 'always trigger', 'replica trigger'];
  if (subtype.includes('Rule')) return ['rule', 'always rule', 'replica rule'];
  return [keywordEnd(parsed, ['ALTER', 'TYPE']) === undefined ? 'column' : 'attribute'];
}

/** Commands that name nothing, or something that stands behind other words (CLUSTER ON i, SET TABLESPACE t). */
const NAMELESS = new Set(
  `AT_ClusterOn AT_DropCluster AT_SetTableSpace AT_SetAccessMethod AT_ReplicaIdentity AT_SetLogged AT_SetUnLogged
   AT_DropOids AT_ChangeOwner AT_SetRelOptions AT_ResetRelOptions AT_ReplaceRelOptions AT_EnableTrigAll
   AT_DisableTrigAll AT_EnableTrigUser AT_DisableTrigUser AT_AddInherit AT_DropInherit AT_AddOf AT_DropOf
   AT_EnableRowSecurity AT_DisableRowSecurity AT_ForceRowSecurity AT_NoForceRowSecurity AT_GenericOptions`.split(
    /\s+/,
  ),
);
