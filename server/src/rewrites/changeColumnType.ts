import type { ColumnDef } from '@pgsql/types';
import {
  type Catalog,
  type Column,
  columnOf,
  displayName,
  objectKey,
  tableOf,
  tableTree,
  writtenName,
} from '../catalog/catalog.ts';
import { keyOf } from '../catalog/edit.ts';
import { clipName } from '../catalog/generatedNames.ts';
import { objectKeyParts } from '../catalog/resolve.ts';
import { writtenType } from '../catalog/typeText.ts';
import { volatileFunction } from '../effects/volatility.ts';
import type { Site } from '../replay/site.ts';
import type { Step } from '../replay/step.ts';
import { quoteLiteral, quoteName, quotePath } from '../sql/names.ts';
import { type AlterTableCommandSpans, alterTableCommands } from '../sql/spans/alterTable.ts';
import { findKeywords } from '../sql/spans/statementHead.ts';
import type { ParsedStatement } from '../sql/statement.ts';
import { leavesOutChildren, withoutCommands } from './alterTableText.ts';
import { backfill, batchKey, triggersOn } from './batches.ts';
import { dependentViews, type ReadersOfColumn } from './dependentViews.ts';
import { freeColumnName, freeName, freeRelationName } from './freeName.ts';
import {
  type Hanging,
  type HangingOn,
  hangingOn,
  type IndexOfPartition,
  indexNamed,
} from './hangsOnColumn.ts';
import { migrationName } from './migrationName.ts';
import type { Offer } from './offer.ts';
import { phasedFix } from './phasedFix.ts';
import type { LiveDatabase, Phase } from './rewrite.ts';
import { saidOfColumn } from './saidOfColumn.ts';
import { transactionPlace } from './transactionPlace.ts';
import { undoingCommands } from './undoing.ts';

/**
 * ALTER COLUMN TYPE without rewriting the table under its lock: a column of the new type, which a trigger keeps in step
 * and batches fill; what hangs on the old one is built beside it; then they change names in one short transaction, and
 * the old column, kept in step from then on, goes later. `table` is a key of the catalog.
 */
export function changeColumnType(
  site: Site,
  database: LiveDatabase,
  table: string,
  spans: AlterTableCommandSpans,
): readonly Offer[] {
  const { step, file } = site;
  const { name: column = '' } = spans.command;
  const to = newType(step.statement, spans);
  if (step.conditional || step.nested || to === undefined || leavesOutChildren(step, table)) return [];
  const shown = `${displayName(table)}.${column}`;
  const refused = (reason: string): readonly Offer[] => [
    { refused: `the type of ${shown} cannot be changed in phases: ${reason}` },
  ];
  const transaction = transactionPlace(site, database);
  if (typeof transaction !== 'string') return refused(transaction.refused);
  const old = columnOf(tableOf(step.before, table), column);
  // Later migrations must have left the column.
  if (columnOf(tableOf(site.end(), table), column) === undefined) return [];
  const hanging = hangingOn(site.end(), table, column);
  if (typeof hanging === 'string') return refused(hanging);
  const oldType = old === undefined ? undefined : typeOf(old);
  if (old === undefined || oldType === undefined) return refused('the history does not show its type');
  const reason = unable(site, database, table, column, spans, hanging);
  if (reason !== undefined) return refused(reason);
  const key = batchKey(step.before, table);
  if (key === undefined) return refused('the history shows no primary key of the table: give it one first');
  const views = dependentViews(site.steps(), site.end(), table, column);
  if ('refused' in views) return [views];
  const grouped = views.materialized.find((each) => isGrouped(site.end(), table, column, each.key));
  if (grouped !== undefined)
    return refused(`${displayName(grouped.key)} is grouped, which may stand on the primary key that goes`);
  const said = saidOfColumn(site.steps(), namesOf(table, column, hanging));
  if (said === undefined) return refused('what the history says of it depends on a condition or an old name');
  const spoken = tableTree(site.end(), table)
    .slice(1)
    .find((each) => saidOfColumn(site.steps(), ofPartition(each, column))?.length !== 0);
  if (spoken !== undefined)
    return refused(`the history says something of the column of the partition ${displayName(spoken)} alone`);

  const { schema, name } = objectKeyParts(table);
  const undoing = undoingCommands(
    file,
    table,
    (each) => each.subtype === 'AT_AlterColumnType' && each.name === column,
  );
  const names: Names = {
    table,
    column,
    added: freeColumnName(site, table, `${column}_new`),
    kept: freeColumnName(site, table, `${column}_old`),
    routine: writtenName(
      objectKey(
        schema,
        freeName(`keep_${name}_${column}`, (each) => site.end().routines.has(objectKey(schema, each))),
      ),
    ),
    trigger: freeName(`zz_keep_${column}`, (each) =>
      (tableOf(site.end(), table)?.triggers ?? []).some((trigger) => trigger.name === each),
    ),
    proof: freeName(`${name}_${column}_is_set`, (each) => isConstraint(site, table, each)),
  };
  const beside = hanging.parts.map(
    (part): Beside => ({
      ...part,
      beside: nameBeside(site, part),
      parts: part.parts.map((each) => ({
        ...each,
        beside: freeRelationName(site, objectKeyParts(each.table).schema, `${each.name}_new`),
      })),
    }),
  );
  const phases = phasesOf(names, {
    to,
    oldType,
    back: wayBack(undoing[0]?.statement.parsed, column),
    hanging: { ...hanging, column: { ...hanging.column, ...old, notNull: hanging.column.notNull } },
    beside,
    views,
    besideViews: new Map(
      views.materialized
        .flatMap((each) => [each.key, ...each.indexes.map((name) => besideIt(each.key, name))])
        .map((each) => {
          const { schema: of, name: own } = objectKeyParts(each);
          return [each, objectKey(of, freeRelationName(site, of, `${own}_new`))];
        }),
    ),
    said,
    key,
    triggers: triggersOn(site.end(), table, 'update'),
  });
  return phasedFix(site, database, {
    goal: `Change the type of ${shown} to ${to.definition}`,
    stays: withoutCommands(step.statement, [spans]),
    undoing,
    phases,
    writesData: true,
    transaction,
  });
}

interface NewType {
  /** The type as written, with its COLLATE. */
  readonly definition: string;
  readonly using?: string;
}

function newType(statement: ParsedStatement, { type, span }: AlterTableCommandSpans): NewType | undefined {
  if (type === undefined) return undefined;
  const found = findKeywords(statement, ['using'], type.end);
  const using = found !== undefined && found.start < span.end ? found : undefined;
  const { text } = statement;
  const definition = text.slice(type.start, using?.start ?? span.end).trim();
  return using === undefined ? { definition } : { definition, using: text.slice(using.end, span.end).trim() };
}

/** A column's type and collation as SQL; undefined where modifiers are more than numbers. */
function typeOf({ type, collation }: Column): string | undefined {
  if (type === undefined || (type.name === 'interval' && type.modifiers.length > 0)) return undefined;
  const of = collation === undefined ? '' : ` COLLATE ${quotePath(...collation.split('.'))}`;
  return `${writtenType(type)}${of}`;
}

/** Why it cannot be done here; undefined where it can. */
function unable(
  { step, steps, end }: Site,
  { postgresVersion }: LiveDatabase,
  table: string,
  column: string,
  { command: { def } }: AlterTableCommandSpans,
  { column: known, sequence }: HangingOn,
): string | undefined {
  const definition: ColumnDef | undefined =
    def !== undefined && 'ColumnDef' in def ? def.ColumnDef : undefined;
  const partitioned = tableOf(end(), table)?.partitionBy !== undefined;
  if (postgresVersion < 13 && partitioned)
    return 'before PostgreSQL 13 a partitioned table has no BEFORE trigger';
  if (step.session.searchPath.join() !== 'public') return 'its search_path is not that of new migrations';
  const ofItsOwn = volatileFunction(step.before, step.session, definition?.raw_default);
  if (ofItsOwn !== undefined) return `${ofItsOwn} of its USING gives other values each time`;
  if (
    known.identity !== undefined &&
    (partitioned || sequenceIsSet(steps(), table, column, sequence?.name))
  ) {
    return 'its identity has a sequence of its own making';
  }
  return undefined;
}

/** Whether the history gives the sequence of an identity column options of its own. */
function sequenceIsSet(
  steps: readonly Step[],
  table: string,
  column: string,
  sequence: string | undefined,
): boolean {
  return steps.some(({ node, statement, mentions }) => {
    if ('AlterSeqStmt' in node) return node.AlterSeqStmt.sequence?.relname === sequence;
    if ('RenameStmt' in node) return node.RenameStmt.newname === sequence;
    const mine = mentions.some(({ key }) => key === table);
    if (!mine || !('CreateStmt' in node || 'AlterTableStmt' in node)) return false;
    if (alterTableCommands(statement).some(({ command }) => command.subtype === 'AT_SetIdentity'))
      return true;
    const defined = JSON.stringify(node);
    return defined.includes(JSON.stringify(column)) && /"CONSTR_IDENTITY"[^}]*"options"/.test(defined);
  });
}

function namesOf(table: string, column: string, { parts }: HangingOn) {
  const own = parts.filter((each) => each.table === table);
  const { schema } = objectKeyParts(table);
  return {
    table,
    column,
    constraints: new Set(own.flatMap(({ kind, name }) => (kind === 'index' ? [] : name))),
    indexes: new Set([
      ...own.map(({ name }) => objectKey(schema, name)),
      ...own.flatMap((each) =>
        each.parts.map((part) => objectKey(objectKeyParts(part.table).schema, part.name)),
      ),
    ]),
  };
}

function ofPartition(table: string, column: string) {
  return { table, column, constraints: new Set<string>(), indexes: new Set<string>() };
}

interface Names {
  readonly table: string;
  readonly column: string;
  /** The new column before they change names, and the old one afterwards. */
  readonly added: string;
  readonly kept: string;
  readonly routine: string;
  readonly trigger: string;
  /** The CHECK that proves NOT NULL. */
  readonly proof: string;
}

/** What hangs on the column, and what its like on the new column is called until they change names. */
interface Beside extends Hanging {
  readonly beside: string;
  readonly parts: readonly (IndexOfPartition & { readonly beside: string })[];
}

function nameBeside(site: Site, { table, name, kind }: Hanging): string {
  if (kind === 'index' || kind === 'key')
    return freeRelationName(site, objectKeyParts(table).schema, `${name}_new`);
  return freeName(`${name}_new`, (each) => isConstraint(site, table, each));
}

function isConstraint({ step, end }: Site, table: string, name: string): boolean {
  return [step.before, end()].some((catalog) =>
    tableOf(catalog, table)?.constraints.some((each) => each.name === name),
  );
}

/** The expression by which the file's down gives the column its old type; undefined where nothing does. */
function wayBack(down: ParsedStatement | undefined, column: string): string | undefined {
  if (down === undefined) return undefined;
  const spans = alterTableCommands(down).find(
    ({ command }) => command.subtype === 'AT_AlterColumnType' && command.name === column,
  );
  return spans && (newType(down, spans)?.using ?? quoteName(column));
}

interface Change {
  readonly to: NewType;
  readonly oldType: string;
  readonly back: string | undefined;
  readonly hanging: HangingOn;
  readonly beside: readonly Beside[];
  readonly views: ReadersOfColumn;
  /** Keys of materialized views and their indexes → what they are called until they take their places. */
  readonly besideViews: ReadonlyMap<string, string>;
  readonly said: readonly string[];
  readonly key: readonly string[];
  readonly triggers: readonly string[];
}

/** Key of an index in the schema of a view. */
function besideIt(view: string, index: string): string {
  return objectKey(objectKeyParts(view).schema, index);
}

/** Whether a view that groups its rows may depend on a primary key of the column (check_functional_grouping, parser/parse_agg.c). */
function isGrouped(catalog: Catalog, table: string, column: string, key: string): boolean {
  const view = catalog.relations.get(key);
  const isKey = tableOf(catalog, table)?.constraints.some(
    ({ kind, columns }) => kind === 'primaryKey' && columns.includes(column),
  );
  return (
    isKey === true && view?.kind === 'materializedView' && view.query.fingerprint.includes('"groupClause"')
  );
}

/** The materialized views filled anew beside the old ones, and in their places. */
function refilled({ views: { materialized }, besideViews }: Change): readonly string[] {
  const beside = (key: string): string => besideViews.get(key) ?? key;
  return materialized.flatMap(({ key, indexes, made, said, views }) => [
    ...made(beside(key), (own) => objectKeyParts(beside(besideIt(key, own))).name),
    ...views.dropped,
    `DROP MATERIALIZED VIEW ${writtenName(key)}`,
    `ALTER MATERIALIZED VIEW ${writtenName(beside(key))} RENAME TO ${quoteName(objectKeyParts(key).name)}`,
    ...indexes.map(
      (own) => `ALTER INDEX ${writtenName(beside(besideIt(key, own)))} RENAME TO ${quoteName(own)}`,
    ),
    ...said,
    ...views.made,
  ]);
}

function phasesOf(names: Names, change: Change): readonly Phase[] {
  const { table, column, added, kept, routine, trigger, proof } = names;
  const { to, oldType, hanging, beside, views, said, key, triggers } = change;
  const { name } = objectKeyParts(table);
  const written = writtenName(table);
  const alter = `ALTER TABLE ${written}`;
  const quoted = quoteName(column);
  const using = to.using ?? quoted;
  const backwards = change.back ?? `CAST(${quoted} AS ${oldType.replace(/ COLLATE .*$/, '')})`;
  const keepNew = [
    `CREATE FUNCTION ${routine}() RETURNS trigger LANGUAGE plpgsql AS ${body(`  ${assigned(table, added, using)}`)}`,
    `CREATE TRIGGER ${quoteName(trigger)} BEFORE INSERT OR UPDATE ON ${written} FOR EACH ROW EXECUTE FUNCTION ${routine}()`,
  ];
  const keepOld = [
    `CREATE FUNCTION ${routine}() RETURNS trigger LANGUAGE plpgsql AS ${body(
      `  BEGIN\n    ${assigned(table, kept, backwards)}\n  EXCEPTION WHEN data_exception OR integrity_constraint_violation OR cannot_coerce THEN\n    NEW.${quoteName(kept)} := NULL;\n  END;`,
    )}`,
    `CREATE TRIGGER ${quoteName(trigger)} BEFORE INSERT OR UPDATE ON ${written} FOR EACH ROW EXECUTE FUNCTION ${routine}()`,
  ];
  const keepNothing = [
    `DROP TRIGGER IF EXISTS ${quoteName(trigger)} ON ${written}`,
    `DROP FUNCTION IF EXISTS ${routine}()`,
  ];
  const required = hanging.column.notNull === true;
  const prove = `${alter} ADD CONSTRAINT ${quoteName(proof)} CHECK (${quoteName(added)} IS NOT NULL) NOT VALID`;
  const unproved = `${alter} DROP CONSTRAINT IF EXISTS ${quoteName(proof)}`;
  const constraints = beside.filter(({ kind }) => kind === 'check' || kind === 'foreignKey');
  const newPhase = (what: readonly string[], phase: Omit<Phase, 'name'>): Phase => ({
    name: migrationName(...what, name, column),
    ...phase,
  });
  const fill = backfill(
    migrationName('fill', name, column),
    `writes ${added} into the old rows`,
    {
      table,
      write: `UPDATE ${written} SET ${quoteName(added)} = ${using}`,
      needed: `${quoteName(added)} IS NULL AND (${using}) IS NOT NULL`,
    },
    key,
    triggers,
  );
  const built = beside.flatMap((each) =>
    (each.parts.length > 0 ? each.parts : [each]).flatMap((built) =>
      each.index === undefined
        ? []
        : {
            drop: `DROP INDEX CONCURRENTLY IF EXISTS ${indexNamed(built, built.beside)}`,
            create: `CREATE ${each.unique ? 'UNIQUE ' : ''}INDEX CONCURRENTLY IF NOT EXISTS ${quoteName(built.beside)} ON ${writtenName(built.table)} ${each.index(added)}`,
          },
    ),
  );
  const wholes = beside.filter(({ parts }) => parts.length > 0);
  const alterOf = (each: Hanging): string => `ALTER TABLE ${writtenName(each.table)}`;
  return [
    newPhase(['add', 'new'], {
      deploy: 1,
      does: `adds ${added} of the new type, and a trigger that keeps it in step with ${column}`,
      mustBeTrueBefore: `each value that the application writes into ${displayName(table)}.${column} is one of ${to.definition}`,
      transactional: true,
      locksBriefly: true,
      up: [`${alter} ADD COLUMN ${quoteName(added)} ${to.definition}`, ...keepNew],
      down: [...keepNothing, `${alter} DROP COLUMN ${quoteName(added)}`],
    }),
    fill,
    ...(built.length === 0
      ? []
      : [
          newPhase(['index'], {
            deploy: 1,
            does: 'builds the indexes of the new column while reads and writes go on',
            transactional: false,
            up: built.flatMap(({ drop, create }) => [drop, create]),
            down: built.map(({ drop }) => drop),
          }),
        ]),
    ...(wholes.length === 0
      ? []
      : [
          newPhase(['attach'], {
            deploy: 1,
            does: 'makes the indexes of the partitions parts of one, which reads nothing',
            transactional: true,
            locksBriefly: true,
            up: wholes.flatMap((each) => attached(each, added, ({ beside: name }) => name)),
            down: wholes.flatMap((each) => [
              `DROP INDEX ${indexNamed(each, each.beside)}`,
              ...partsBuilt(each, added, ({ beside: name }) => name),
            ]),
            accepted: {
              rule: 'down-incomplete, index-not-concurrent, drop-index-not-concurrent',
              reason: 'an attached index goes with the whole, and is built again in its down',
            },
          }),
        ]),
    ...(constraints.length === 0 && !required
      ? []
      : [
          newPhase(['constrain'], {
            deploy: 1,
            does: 'adds the constraints of the new column, and reads no old row',
            transactional: true,
            locksBriefly: true,
            up: [
              ...(required ? [prove] : []),
              ...constraints.map(
                (each) =>
                  `${alterOf(each)} ADD CONSTRAINT ${quoteName(each.beside)} ${each.definition(added)} NOT VALID`,
              ),
            ],
            down: [
              ...constraints.map(
                (each) => `${alterOf(each)} DROP CONSTRAINT IF EXISTS ${quoteName(each.beside)}`,
              ),
              ...(required ? [unproved] : []),
            ],
          }),
          newPhase(['validate'], {
            deploy: 1,
            does: 'checks the rows that were there before; reads and writes go on meanwhile',
            transactional: true,
            up: [
              ...(required ? [`${alter} VALIDATE CONSTRAINT ${quoteName(proof)}`] : []),
              ...constraints.map((each) => `${alterOf(each)} VALIDATE CONSTRAINT ${quoteName(each.beside)}`),
            ],
            down: [],
          }),
        ]),
    newPhase(['swap'], {
      deploy: 2,
      does: `gives ${added} the name of ${column}, and all that hangs on it; the old column is kept as ${kept}, and in step`,
      mustBeTrueBefore: `the application takes ${displayName(table)}.${column} as ${to.definition} too, and names the columns of its INSERTs (the new one comes last)`,
      transactional: true,
      locksBriefly: true,
      up: [
        ...views.dropped,
        ...keepNothing,
        ...swapped(names, change, 'forth'),
        ...(required ? [unproved] : []),
        ...keepOld,
        ...said,
        ...views.made,
      ],
      down: [
        ...views.materialized.flatMap((each) => [
          ...each.views.dropped,
          `DROP MATERIALIZED VIEW ${writtenName(each.key)}`,
        ]),
        ...views.dropped,
        ...keepNothing,
        ...(required ? [prove.replace(/CHECK \(.*\)/s, `CHECK (${quoted} IS NOT NULL)`)] : []),
        ...swapped(names, change, 'back'),
        ...keepNew,
        ...said,
        ...views.made,
        ...views.materialized.flatMap((each) => [
          ...each.made(each.key, (own) => own),
          ...each.said,
          ...each.views.made,
        ]),
      ],
      ...(beside.length === 0
        ? {}
        : {
            accepted: {
              rule: [
                'down-incomplete',
                ...(beside.some(({ kind }) => kind === 'index') ? ['drop-index-not-concurrent'] : []),
                ...(beside.some(({ kind }) => kind === 'foreignKey') ? ['drop-locks-referenced'] : []),
              ].join(', '),
              reason:
                'no row is read under the locks; what was built beside the old column is not wanted back',
            },
          }),
    }),
    ...(views.materialized.length === 0
      ? []
      : [
          newPhase(['refill', 'views'], {
            deploy: 2,
            does: `fills ${views.materialized.map(({ key: view }) => displayName(view)).join(', ')} from the column of the new type, beside what is read meanwhile`,
            transactional: true,
            locksBriefly: true,
            up: refilled(change),
            down: [],
          }),
        ]),
    newPhase(['drop', 'old'], {
      deploy: 3,
      does: 'drops the old column and its trigger',
      mustBeTrueBefore: 'nobody wants the old type back',
      transactional: true,
      locksBriefly: true,
      up: [...keepNothing, `${alter} DROP COLUMN ${quoteName(kept)}`],
      down: [
        `${alter} ADD COLUMN ${quoteName(kept)} ${oldType}`,
        `UPDATE ${written} SET ${quoteName(kept)} = ${backwards}`,
        ...keepOld,
      ],
      accepted: { rule: 'drop-column', reason: 'the column of the new type has its place' },
    }),
  ];
}

/** NEW.column := expression over the row's own columns. */
function assigned(table: string, column: string, expression: string): string {
  const row = quoteName(objectKeyParts(table).name);
  return `NEW.${quoteName(column)} := (SELECT ${expression} FROM (SELECT NEW.*) AS ${row});`;
}

function body(statements: string): string {
  const text = `\n#variable_conflict use_column\nBEGIN\n${statements}\n  RETURN NEW;\nEND\n`;
  const quote = text.includes('$$') ? '$keep$' : '$$';
  return `${quote}${text}${quote}`;
}

/**
 * The statements by which the two columns change names, with all that hangs on them: none of it reads a row. Back again
 * what hung on the old column is built anew.
 */
function swapped(
  { table, column, added, kept }: Names,
  { hanging, beside }: Change,
  direction: 'forth' | 'back',
): readonly string[] {
  const alter = `ALTER TABLE ${writtenName(table)}`;
  const alterOf = (each: Hanging): string => `ALTER TABLE ${writtenName(each.table)}`;
  const [leaves, takes] = direction === 'forth' ? [kept, added] : [added, kept];
  const quoted = quoteName(column);
  const { sequence, column: known } = hanging;
  // Foreign keys stand on keys: they go before them and come after them.
  const inOrder = [...beside].sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
  const gone = [...inOrder].reverse().map((each) => {
    // Back again a foreign key would stand on a key that goes.
    if (direction === 'forth' || each.kind === 'key' || each.kind === 'foreignKey') {
      return each.kind === 'index'
        ? `DROP INDEX ${indexNamed(each, each.name)}`
        : `${alterOf(each)} DROP CONSTRAINT ${quoteName(each.name)}`;
    }
    return renamed(each, each.name, each.beside);
  });
  const partsGone =
    direction === 'forth'
      ? []
      : beside.flatMap(({ parts }) => parts.map((part) => partRenamed(part, part.name, part.beside)));
  const come = inOrder.flatMap((each): readonly string[] => {
    const made =
      direction === 'forth'
        ? each.using === undefined
          ? renamed(each, each.beside, each.name)
          : `${alterOf(each)} ADD CONSTRAINT ${quoteName(each.name)} ${each.using(each.beside)}`
        : each.kind === 'index' && each.parts.length > 0
          ? undefined
          : each.kind === 'index'
            ? `CREATE ${each.unique ? 'UNIQUE ' : ''}INDEX ${quoteName(each.name)} ON ${writtenName(table)} ${each.definition(column)}`
            : `${alterOf(each)} ADD CONSTRAINT ${quoteName(each.name)} ${each.definition(column)}`;
    const parts =
      direction === 'forth'
        ? each.parts.map((part) => partRenamed(part, part.beside, part.name))
        : each.parts.length === 0
          ? []
          : [...partsBuilt(each, column, ({ name }) => name), ...attached(each, column, ({ name }) => name)];
    return [
      ...(made === undefined ? [] : [made]),
      ...parts,
      ...(each.clusters ? [`${alter} CLUSTER ON ${quoteName(each.name)}`] : []),
    ];
  });
  const isIdentity = known.identity !== undefined;
  const identity = isIdentity ? identityMoves(table, column, hanging) : undefined;
  const columnLeaves = [
    ...(identity?.leaves ?? []),
    ...(hanging.default === undefined ? [] : [`${alter} ALTER COLUMN ${quoted} DROP DEFAULT`]),
    ...(known.notNull === true ? [`${alter} ALTER COLUMN ${quoted} DROP NOT NULL`] : []),
    `${alter} RENAME COLUMN ${quoted} TO ${quoteName(leaves)}`,
    `${alter} RENAME COLUMN ${quoteName(takes)} TO ${quoted}`,
    ...(known.notNull === true ? [`${alter} ALTER COLUMN ${quoted} SET NOT NULL`] : []),
  ];
  return [
    ...gone,
    ...partsGone,
    ...columnLeaves,
    ...come,
    ...(hanging.default === undefined
      ? []
      : [
          `${alter} ALTER COLUMN ${quoted} SET DEFAULT ${direction === 'forth' ? defaultOf(hanging) : hanging.default}`,
        ]),
    ...(identity?.comes ??
      (sequence === undefined
        ? []
        : [`ALTER SEQUENCE ${writtenName(keyOf(sequence))} OWNED BY ${writtenName(table)}.${quoted}`])),
  ];
}

type Called = (index: { readonly name: string; readonly beside: string }) => string;

/** The index of each partition on the column, for a down: built under its lock. */
function partsBuilt(each: Beside, column: string, called: Called): readonly string[] {
  const unique = each.unique ? 'UNIQUE ' : '';
  return each.parts.map(
    (part) =>
      `CREATE ${unique}INDEX ${quoteName(called(part))} ON ${writtenName(part.table)} ${each.definition(column)}`,
  );
}

/** The index of the whole, of which those of the partitions become parts. */
function attached(each: Beside, column: string, called: Called): readonly string[] {
  const unique = each.unique ? 'UNIQUE ' : '';
  return [
    `CREATE ${unique}INDEX ${quoteName(called(each))} ON ONLY ${writtenName(each.table)} ${each.definition(column)}`,
    ...each.parts.map(
      (part) =>
        `ALTER INDEX ${indexNamed(each, called(each))} ATTACH PARTITION ${indexNamed(part, called(part))}`,
    ),
  ];
}

function partRenamed(part: IndexOfPartition, from: string, to: string): string {
  return `ALTER INDEX ${indexNamed(part, from)} RENAME TO ${quoteName(to)}`;
}

const ORDER: readonly Hanging['kind'][] = ['index', 'key', 'check', 'foreignKey'];

function renamed(each: Hanging, from: string, to: string): string {
  return each.kind === 'index' || each.kind === 'key'
    ? `ALTER INDEX ${indexNamed(each, from)} RENAME TO ${quoteName(to)}`
    : `ALTER TABLE ${writtenName(each.table)} RENAME CONSTRAINT ${quoteName(from)} TO ${quoteName(to)}`;
}

/** A string is of the old type, as ALTER COLUMN TYPE leaves it. */
function defaultOf({ default: value = '', column: { default: tree, type } }: HangingOn): string {
  const isString = tree !== undefined && 'A_Const' in tree.node && tree.node.A_Const.sval !== undefined;
  return isString && type !== undefined
    ? `CAST(${value} AS ${writtenType({ ...type, modifiers: [] })})`
    : value;
}

/** The new column's identity goes on where the old one's stands; another sequence keeps the place meanwhile. */
function identityMoves(
  table: string,
  column: string,
  { sequence, column: { identity } }: HangingOn,
): { readonly leaves: readonly string[]; readonly comes: readonly string[] } {
  if (sequence === undefined) return { leaves: [], comes: [] };
  const alter = `ALTER TABLE ${writtenName(table)} ALTER COLUMN ${quoteName(column)}`;
  const own = writtenName(keyOf(sequence));
  const place = writtenName(objectKey(sequence.schema, clipName(`place_of_${sequence.name}`)));
  const set = (to: string, from: string): string =>
    `SELECT setval(${quoteLiteral(to)}, last_value, is_called) FROM ${from}`;
  return {
    leaves: [`CREATE SEQUENCE ${place}`, set(place, own), `${alter} DROP IDENTITY`],
    comes: [
      `${alter} ADD GENERATED ${identity === 'always' ? 'ALWAYS' : 'BY DEFAULT'} AS IDENTITY`,
      set(own, place),
      `DROP SEQUENCE ${place}`,
    ],
  };
}
