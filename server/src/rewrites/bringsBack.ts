import type { Node, ObjectType } from '@pgsql/types';
import type { MigrationFile } from '../migrations/migration.ts';
import { statementsOf } from '../migrations/migration.ts';
import type { Site } from '../replay/site.ts';
import { alterTableCommands } from '../sql/spans/alterTable.ts';
import type { ParsedStatement } from '../sql/statement.ts';
import { withoutCommands } from './alterTableText.ts';
import type { Refusal } from './offer.ts';
import type { LiveDatabase, Undoing } from './rewrite.ts';

/** How a down brings back what was dropped. */
export interface BringsBack {
  /** The statements that do it today, and what is left of them without it. */
  readonly undoing: readonly Undoing[];
  /** As they are to run where the drop moves to. */
  readonly statements: readonly string[];
}

/** What a site drops. */
export interface Dropped {
  /** In words. */
  readonly shown: string;
  /** The names that a statement has to speak of to be about it: the table, or the table and then the column. */
  readonly names: readonly string[];
  /** What depends on it goes too. */
  readonly cascade: boolean;
  /** The statement drops nothing else. */
  readonly alone: boolean;
}

/**
 * What brings back something that the site drops: the statements of the file's down that speak of it; the whole down,
 * where the file does nothing else.
 */
export function bringsBack(
  site: Site,
  database: LiveDatabase & { readonly forwardOnly?: boolean },
  dropped: Dropped,
): BringsBack | Refusal {
  const { file } = site;
  const { shown, alone } = dropped;
  const others = statementsOf(file.up).filter((each) => each !== site.statement);
  const found = downOf(file).flatMap((statement) => {
    const part = alone && others.length === 0 ? whole(statement.parsed) : partOf(statement.parsed, dropped);
    return part === undefined ? [] : { statement, ...part };
  });
  const moved = new Set(found.flatMap(({ statement }) => [...stringsIn(statement.parsed.node)]));
  const entangled = others.find(({ parsed: { node } }) => node !== undefined && hangsTogether(node, moved));
  if (entangled !== undefined) {
    return {
      refused: `${shown} would stay for a while, but the file also drops what may hang together with it ("${entangled.parsed.text}"): put that into a later migration`,
    };
  }
  if (found.length > 0) {
    return {
      undoing: found.map(({ statement, stays }) => ({ statement, stays })),
      statements: found.map(({ moves }) => moves),
    };
  }
  if (file.tool === 'plain' || database.forwardOnly) return { undoing: [], statements: [] };
  return { refused: `nothing brings ${shown} back: say first in the down of the file how` };
}

/** Whether another statement drops what the dropped thing may need, or what its way back speaks of. */
function hangsTogether(node: Node, moved: ReadonlySet<string>): boolean {
  if (!('DropStmt' in node)) return false;
  const { removeType, objects = [] } = node.DropStmt;
  if (removeType !== 'OBJECT_TABLE') return NEEDED.has(removeType);
  return objects.some((object) => moved.has([...stringsIn(object)].at(-1) ?? ''));
}

/** What a table or column can depend on. */
const NEEDED: ReadonlySet<ObjectType | undefined> = new Set([
  'OBJECT_TYPE',
  'OBJECT_DOMAIN',
  'OBJECT_FUNCTION',
  'OBJECT_SEQUENCE',
  'OBJECT_SCHEMA',
  'OBJECT_EXTENSION',
  'OBJECT_COLLATION',
  'OBJECT_FOREIGN_SERVER',
]);

function downOf({ down }: MigrationFile) {
  return (down === undefined ? [] : statementsOf(down)).filter(({ parsed: { node } }) => node !== undefined);
}

interface Part {
  readonly moves: string;
  readonly stays: string | undefined;
}

function whole({ text }: ParsedStatement): Part {
  return { moves: text, stays: undefined };
}

/** What of a statement speaks of what was dropped: of an ALTER TABLE some of its commands. */
function partOf(statement: ParsedStatement, { names, cascade }: Dropped): Part | undefined {
  const { node } = statement;
  const spoken = stringsIn(node);
  if (node === undefined || !names.every((each) => spoken.has(each))) return undefined;
  // A view that another statement drops comes back where that is undone.
  if (('ViewStmt' in node || 'CreateTableAsStmt' in node) && !cascade) return undefined;
  const commands = alterTableCommands(statement);
  const last = names.at(-1) ?? '';
  const own = commands.filter(({ command }) => names.length > 1 && stringsIn(command).has(last));
  if (own.length === 0 || own.length === commands.length) return whole(statement);
  const others = commands.filter((each) => !own.includes(each));
  const moves = withoutCommands(statement, others);
  return moves === undefined ? undefined : { moves, stays: withoutCommands(statement, own) };
}

function stringsIn(value: unknown, into: Set<string> = new Set()): ReadonlySet<string> {
  if (typeof value === 'string') into.add(value);
  else if (typeof value === 'object' && value !== null) {
    for (const each of Object.values(value)) stringsIn(each, into);
  }
  return into;
}
