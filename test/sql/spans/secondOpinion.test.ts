import fc from 'fast-check';
import {
  type AlterTableStatement,
  type CreateIndexStatement,
  type CreateTableStatement,
  type DropStatement,
  parse,
  type Statement,
} from 'pgsql-ast-parser';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadParser, parseStatement } from '../../../server/src/sql/parser.ts';
import type { Span } from '../../../server/src/sql/span.ts';
import { alterTableCommands } from '../../../server/src/sql/spans/alterTable.ts';
import type { ColumnSpans } from '../../../server/src/sql/spans/columnSpans.ts';
import { createIndexSpans } from '../../../server/src/sql/spans/createIndex.ts';
import { tableElements } from '../../../server/src/sql/spans/createTable.ts';
import { droppedObjects } from '../../../server/src/sql/spans/dropped.ts';
import { renameSpans } from '../../../server/src/sql/spans/renamed.ts';
import { statementHead } from '../../../server/src/sql/spans/statementHead.ts';
import { CORPUS } from '../corpus.ts';

beforeAll(loadParser);

/** Something pgsql-ast-parser has placed. */
interface Placed {
  readonly _location?: { readonly start: number; readonly end: number };
}

/** What both parsers say of one place: ours, and pgsql-ast-parser's. */
type Pair = readonly [what: string, ours: Span | undefined, theirs: Placed | null | undefined];

/** The statement as pgsql-ast-parser reads it; undefined where it cannot (11 % of what Postgres accepts). */
function secondOpinion(sql: string): Statement | undefined {
  try {
    return parse(sql, { locationTracking: true })[0];
  } catch {
    return undefined;
  }
}

/**
 * Equal, but for what pgsql-ast-parser leaves out of its places: parentheses around an expression, array brackets, the
 * action of a foreign key.
 */
function agrees(sql: string, ours: Span, theirs: Span): boolean {
  if (ours.start > theirs.start || ours.end < theirs.end) return false;
  const before = sql.slice(ours.start, theirs.start);
  const after = sql.slice(theirs.end, ours.end);
  return /^[\s(]*$/.test(before) && /^(\s|\)|\[\d*\]|cascade|restrict)*$/i.test(after);
}

function compare(sql: string): number {
  const theirs = secondOpinion(sql);
  if (theirs === undefined) return 0;
  let compared = 0;
  for (const [what, ours, other] of pairs(sql, theirs)) {
    const place = other?._location;
    if (place === undefined) continue;
    const seen = ours && sql.slice(ours.start, ours.end);
    if (ours === undefined || !agrees(sql, ours, place)) {
      expect.fail(`${what} of ${sql}: ours ${seen}, theirs ${sql.slice(place.start, place.end)}`);
    }
    compared++;
  }
  return compared;
}

function pairs(sql: string, theirs: Statement): Pair[] {
  switch (theirs.type) {
    case 'alter table':
      return [...alterTablePairs(sql, theirs)];
    case 'create table':
      return [...createTablePairs(sql, theirs)];
    case 'create index':
      return [...createIndexPairs(sql, theirs)];
    case 'drop table':
    case 'drop index':
    case 'drop sequence':
    case 'drop type':
      return dropPairs(sql, theirs);
    default:
      return [];
  }
}

function* alterTablePairs(sql: string, theirs: AlterTableStatement): Generator<Pair> {
  const parsed = parseStatement(sql);
  yield ['table', statementHead(parsed)?.name, theirs.table];
  const rename = renameSpans(parsed);
  const commands = alterTableCommands(parsed);
  for (const [index, change] of theirs.changes.entries()) {
    const command = commands[index];
    if (change.type === 'rename column' || change.type === 'rename constraint') {
      yield [
        'old name',
        rename?.oldName,
        change.type === 'rename column' ? change.column : change.constraint,
      ];
    }
    if (change.type.startsWith('rename') && 'to' in change)
      yield ['new name', rename?.newName, change.to as Placed];
    if (command === undefined) continue;
    yield ['command', command.span, change as Placed];
    if (change.type === 'drop column' || change.type === 'alter column')
      yield ['column', command.name, change.column];
    if (change.type === 'drop constraint') yield ['constraint', command.name, change.constraint];
    if (change.type === 'alter column' && change.alter.type === 'set type') {
      yield ['type', command.type, change.alter.dataType as Placed];
    }
    if (change.type === 'add column' && command.column !== undefined) {
      yield ['column', command.name, change.column.name];
      yield* columnPairs(command.column, change.column);
    }
    if (change.type === 'add constraint')
      yield ['constraint', command.constraint, change.constraint as Placed];
  }
}

interface TheirColumn {
  readonly name: Placed;
  readonly dataType: Placed;
  readonly constraints?: readonly Placed[];
}

function* columnPairs(ours: ColumnSpans, theirs: TheirColumn): Generator<Pair> {
  yield ['column name', ours.name, theirs.name];
  yield ['type', ours.type, theirs.dataType];
  for (const [index, constraint] of (theirs.constraints ?? []).entries()) {
    yield ['column constraint', ours.constraints[index], constraint];
  }
}

function* createTablePairs(sql: string, theirs: CreateTableStatement): Generator<Pair> {
  const parsed = parseStatement(sql);
  yield ['table', statementHead(parsed)?.name, theirs.name];
  const elements = tableElements(parsed);
  const columns = elements.filter((element) => element.column !== undefined);
  for (const [index, column] of theirs.columns.entries()) {
    const ours = columns[index];
    if (column.kind !== 'column' || ours?.column === undefined) continue;
    yield ['column', ours.span, column as Placed];
    yield* columnPairs(ours.column, column);
  }
  const constraints = elements.filter((element) => 'Constraint' in element.element);
  for (const [index, constraint] of (theirs.constraints ?? []).entries()) {
    yield ['constraint', constraints[index]?.span, constraint as Placed];
    yield ['constraint name', constraints[index]?.name, constraint.constraintName];
  }
}

function* createIndexPairs(sql: string, theirs: CreateIndexStatement): Generator<Pair> {
  const ours = createIndexSpans(parseStatement(sql));
  yield ['index', ours?.head.name, theirs.indexName];
  yield ['table', ours?.table, theirs.table];
  for (const [index, element] of theirs.expressions.entries()) {
    yield ['element', ours?.elements[index], element as Placed];
  }
}

function dropPairs(sql: string, theirs: DropStatement): Pair[] {
  const ours = droppedObjects(parseStatement(sql));
  return theirs.names.map((name, index) => ['dropped', ours[index]?.span, name]);
}

describe('spans are those of pgsql-ast-parser wherever it can read the statement', () => {
  test('on the corpus', () => {
    const compared = CORPUS.map(compare).filter((count) => count > 0);
    expect(compared.length).toBeGreaterThan(30);
  });

  test('on statements made at random', () => {
    let compared = 0;
    let read = 0;
    fc.assert(
      fc.property(anyStatement, (sql) => {
        expect(parseStatement(sql).error, sql).toBeUndefined();
        const count = compare(sql);
        compared += count;
        if (count > 0) read++;
      }),
      { numRuns: 300 },
    );
    console.log(`${compared} places in ${read} statements compared`);
    expect(compared).toBeGreaterThan(800);
  });
});

const space = fc.constantFrom(' ', '  ', '\n  ', ' /* ; , ( */ ', ' -- 😀, )\n', '\r\n\t');
const name = fc.constantFrom('a', 'b_1', '"Mixed, Case"', '"q""uote"', 'rule', 'data', 'attribute', '"drop"');
const path = fc.oneof(
  name,
  fc.tuple(name, name).map(([schema, part]) => `${schema}.${part}`),
);
const type = fc.constantFrom(
  'int',
  'text',
  'varchar(20)',
  'numeric(10, 2)',
  'text[]',
  'timestamptz',
  'bigint',
);
const expression = fc.constantFrom('1', "'x, y'", 'now()', 'coalesce(1, 2)', '(1 + 2)', "'é😀'");
const constraint = fc.oneof(
  fc.constantFrom('NOT NULL', 'NULL', 'UNIQUE', 'PRIMARY KEY', 'CHECK (true)', 'CONSTRAINT c NOT NULL'),
  expression.map((value) => `DEFAULT ${value}`),
);

/** The parts with random white space and comments between. */
function spaced(...parts: readonly fc.Arbitrary<string>[]): fc.Arbitrary<string> {
  const gaps = fc.array(space, { minLength: parts.length, maxLength: parts.length });
  return fc
    .tuple(fc.tuple(...parts), gaps)
    .map(([words, between]) =>
      words.map((word, i) => (word === '' || i === 0 ? word : between[i] + word)).join(''),
    );
}

const word = (...choices: readonly string[]) => fc.constantFrom(...choices);
const list = (item: fc.Arbitrary<string>, most = 3) =>
  fc.array(item, { minLength: 1, maxLength: most }).map((items) => items.join(', '));
const once = (item: fc.Arbitrary<string>) =>
  fc
    .uniqueArray(item, { maxLength: 2, selector: (text) => text.split(' ')[0] })
    .map((items) => items.join(' '));

const column = spaced(name, type, once(constraint));
const tableConstraint = spaced(
  word('', 'CONSTRAINT k'),
  word('UNIQUE (a, b)', 'CHECK (a > (1))', 'PRIMARY KEY (a)'),
);
const command = fc.oneof(
  spaced(word('ADD', 'ADD COLUMN', 'ADD COLUMN IF NOT EXISTS'), column),
  spaced(word('DROP', 'DROP COLUMN', 'DROP COLUMN IF EXISTS'), name, word('', 'CASCADE')),
  spaced(
    word('ALTER', 'ALTER COLUMN'),
    name,
    word('SET NOT NULL', 'DROP NOT NULL', 'DROP DEFAULT', 'SET DEFAULT 1'),
  ),
  spaced(word('ALTER', 'ALTER COLUMN'), name, word('TYPE', 'SET DATA TYPE'), type),
  spaced(word('ADD'), tableConstraint),
  spaced(word('DROP CONSTRAINT'), name),
);
const anyStatement = fc.oneof(
  spaced(word('ALTER TABLE', 'ALTER TABLE IF EXISTS', 'ALTER TABLE ONLY'), path, list(command, 4)),
  spaced(
    word('ALTER TABLE'),
    path,
    word('RENAME', 'RENAME COLUMN', 'RENAME CONSTRAINT'),
    name,
    word('TO'),
    name,
  ),
  spaced(
    word('CREATE TABLE', 'create table if not exists'),
    path,
    list(fc.oneof(column, tableConstraint), 5).map((all) => `(${all})`),
  ),
  spaced(
    word('CREATE INDEX', 'CREATE UNIQUE INDEX', 'CREATE INDEX IF NOT EXISTS'),
    name,
    word('ON'),
    path,
    list(fc.oneof(name, word('lower(a)', 'a DESC', '(a + 1)'))).map((all) => `(${all})`),
  ),
  spaced(
    word('DROP TABLE', 'DROP INDEX IF EXISTS', 'DROP SEQUENCE', 'DROP TABLE IF EXISTS'),
    list(path),
    word('', 'CASCADE'),
  ),
);
