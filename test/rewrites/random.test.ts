import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import type { FileContent } from '../../server/src/migrations/migration.ts';
import { quoteName, quotePath } from '../../server/src/sql/names.ts';
import { loadParser } from '../../server/src/sql/parser.ts';
import { onServer } from '../postgres/testDatabase.ts';
import { analysisOf } from '../rules/exampleHistory.ts';
import { gooseText } from '../runner/gooseFolder.ts';
import { runOn } from '../runner/runs.ts';
import { rewriteIn } from './original.ts';
import { rowsOf, schemaOf } from './schemaSnapshot.ts';

/** How many changes a run makes, so many of them in one folder: it is applied twice, not once for each. */
const CHANGES = 400;
const TOGETHER = 50;
/** Some have nothing to be rewritten: a column that is NOT NULL already. */
const REWRITTEN = 300;

interface Table {
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly { readonly type: keyof typeof TYPES; readonly notNull: boolean }[];
  readonly compositeKey: boolean;
  readonly partitioned: boolean;
  readonly rows: number;
}

/** Types, and a value of row i, none twice. */
const TYPES = {
  int: (i: string) => i,
  bigint: (i: string) => `${i} * 10000000000`,
  text: (i: string) => `'t' || ${i}`,
  'varchar(20)': (i: string) => `'ü' || ${i}`,
  'numeric(8, 2)': (i: string) => `${i} / 4.0`,
  date: (i: string) => `date '2026-01-01' + ${i}`,
  'text[]': (i: string) => `ARRAY['a', ${i}::text]`,
  jsonb: (i: string) => `jsonb_build_object('i', ${i})`,
};

const KINDS = [
  'notNull',
  'check',
  'unique',
  'foreignKey',
  'index',
  'required',
  'computed',
  'update',
  'renameTable',
  'renameColumn',
  'dropTable',
  'dropColumn',
  'changeType',
  'numbered',
  'rowsBeside',
  'validateBeside',
] as const;

/** What ALTER COLUMN TYPE makes of each, all of it with a rewrite of the table. */
const CHANGED: Readonly<Record<keyof typeof TYPES, string>> = {
  int: 'bigint',
  bigint: 'numeric(20, 0)',
  text: 'varchar(40)',
  'varchar(20)': 'varchar(12)',
  'numeric(8, 2)': 'numeric(12, 4)',
  date: 'timestamp',
  'text[]': 'varchar(40)[]',
  jsonb: 'json',
};

const changes = fc.record({
  table: fc.record({
    schema: fc.constantFrom('public', 'Läden'),
    name: fc.constantFrom('orders', 'Line Items', 'select', 'größe'),
    columns: fc.array(
      fc.record({
        type: fc.constantFrom(...(Object.keys(TYPES) as (keyof typeof TYPES)[])),
        notNull: fc.boolean(),
      }),
      { minLength: 1, maxLength: 5 },
    ),
    compositeKey: fc.boolean(),
    partitioned: fc.boolean(),
    rows: fc.integer({ min: 0, max: 8 }),
  }),
  kind: fc.constantFrom(...KINDS),
  column: fc.nat({ max: 4 }),
  unnamed: fc.boolean(),
});

interface Change {
  readonly given: string;
  readonly up: string;
  /** What it comes to, where it fails by itself as soon as there are rows. */
  readonly model?: string;
  readonly down: string;
}

const columnName = (i: number): string => ['a', 'Größe', 'user', 'c d', 'x'][i] ?? 'y';

function changeOf({ table, kind, column: wanted, unnamed }: RandomChange, at: number): Change {
  const name = `${table.name} ${at}`;
  const written = quotePath(table.schema === 'public' ? undefined : table.schema, name);
  const place = wanted % table.columns.length;
  const column = quoteName(columnName(place));
  const alter = `ALTER TABLE ${written}`;
  const given = makeTable(table, name, written);
  const constraint = `c_${at}`;
  const named = unnamed ? '' : `CONSTRAINT ${constraint} `;
  const drop = (generated: string) =>
    `${alter} DROP CONSTRAINT ${quoteName(unnamed ? generated : constraint)};`;
  const added = quoteName('neu ;');
  switch (kind) {
    case 'notNull':
      return {
        given,
        up: `${alter} ALTER ${column} SET NOT NULL;`,
        down: downOfNotNull(alter, table, place),
      };
    case 'check':
      return {
        given,
        up: `${alter} ADD CONSTRAINT ${constraint} CHECK (${column} IS NOT NULL OR id > 0);`,
        down: `${alter} DROP CONSTRAINT ${constraint};`,
      };
    case 'unique': {
      // The columns of a partitioned table's key have those that it is partitioned by among them.
      const columns = table.partitioned ? [columnName(place), 'id'] : [columnName(place)];
      return {
        given,
        up: `${alter} ADD ${named}UNIQUE (${columns.map(quoteName).join(', ')});`,
        down: drop(`${name}_${columns.join('_')}_key`),
      };
    }
    case 'foreignKey':
      return {
        given,
        up: `${alter} ADD ${named}FOREIGN KEY (id) REFERENCES refs;`,
        down: drop(`${name}_id_fkey`),
      };
    case 'index':
      return {
        given,
        up: `CREATE INDEX i_${at} ON ${written} (${column}, id);`,
        down: `DROP INDEX ${quotePath(table.schema === 'public' ? undefined : table.schema, `i_${at}`)};`,
      };
    case 'required':
      return {
        given,
        up: `${alter} ADD COLUMN ${added} text NOT NULL;`,
        model: `${alter} ADD COLUMN ${added} text;\nUPDATE ${written} SET ${added} = id || '!';\n${alter} ALTER ${added} SET NOT NULL;`,
        down: `${alter} DROP COLUMN ${added};`,
      };
    case 'computed':
      return {
        given,
        up: `${alter} ADD COLUMN ${added} text ${unnamed ? 'NOT NULL ' : ''}DEFAULT token();`,
        down: `${alter} DROP COLUMN ${added};`,
      };
    case 'numbered':
    case 'rowsBeside':
    case 'validateBeside':
      return changeOfSeveral(kind, { alter, written, added, given, constraint, column, unnamed });
    case 'renameTable':
    case 'renameColumn':
    case 'dropTable':
    case 'dropColumn':
    case 'changeType':
      return changeOfShape({ table, kind, unnamed }, { name, written, place, given, at });
    case 'update':
      break;
  }
  const type = table.columns[place]?.type ?? 'int';
  return { given, up: `UPDATE ${written} SET ${column} = ${TYPES[type]('(id + 1)')};`, down: 'SELECT 1;' };
}

/** Columns that are numbered, and statements that do not go together in one transaction. */
function changeOfSeveral(
  kind: 'numbered' | 'rowsBeside' | 'validateBeside',
  {
    alter,
    written,
    added,
    given,
    constraint,
    column,
    unnamed,
  }: Readonly<
    Record<'alter' | 'written' | 'added' | 'given' | 'constraint' | 'column', string> & { unnamed: boolean }
  >,
): Change {
  const down = `${alter} DROP COLUMN ${added};`;
  switch (kind) {
    case 'numbered':
      return {
        given,
        up: `${alter} ADD COLUMN ${added} ${unnamed ? 'bigserial' : 'int GENERATED BY DEFAULT AS IDENTITY (START WITH 5)'};`,
        down,
      };
    case 'rowsBeside':
      return {
        given,
        up: `${alter} ADD COLUMN ${added} text;\nUPDATE ${written} SET ${added} = id || '?';${unnamed ? `\n${alter} ALTER COLUMN ${added} SET DEFAULT 'd';` : ''}`,
        down,
      };
    default:
      return {
        given,
        up: `${alter} ADD CONSTRAINT ${constraint} CHECK (${column} IS NOT NULL OR id > 0) NOT VALID${unnamed ? ',' : `;\n${alter}`} VALIDATE CONSTRAINT ${constraint};`,
        down: `${alter} DROP CONSTRAINT ${constraint};`,
      };
  }
}

/** Renames, drops and changes of type. */
function changeOfShape(
  { table, kind, unnamed }: Pick<RandomChange, 'table' | 'kind' | 'unnamed'>,
  {
    name,
    written,
    place,
    given,
    at,
  }: { name: string; written: string; place: number; given: string; at: number },
): Change {
  const column = quoteName(columnName(place));
  const alter = `ALTER TABLE ${written}`;
  const inSchema = (other: string) => quotePath(table.schema === 'public' ? undefined : table.schema, other);
  const { type, notNull } = table.columns[place] ?? { type: 'int' as const, notNull: false };
  const added = quoteName('neu ;');
  switch (kind) {
    case 'renameTable': {
      const moved = `neu ${at}`;
      return {
        given,
        up: `${alter} RENAME TO ${quoteName(moved)};`,
        down: `ALTER TABLE ${inSchema(moved)} RENAME TO ${quoteName(name)};`,
      };
    }
    case 'renameColumn':
      return {
        given,
        up: `${alter} RENAME COLUMN ${column} TO ${added};`,
        down: `${alter} RENAME COLUMN ${added} TO ${column};`,
      };
    case 'dropTable':
      return { given, up: `DROP TABLE ${written};`, down: makeTable({ ...table, rows: 0 }, name, written) };
    case 'dropColumn': {
      const value = `${alter} ADD COLUMN ${column} ${type} NOT NULL DEFAULT ${TYPES[type]('1')};\n${alter} ALTER ${column} DROP DEFAULT;`;
      return {
        given,
        up: `${alter} DROP COLUMN ${column};`,
        down: notNull ? value : `${alter} ADD COLUMN ${column} ${type};`,
      };
    }
    default: {
      const indexed = unnamed && type !== 'jsonb';
      return {
        given: indexed ? `${given}\nCREATE INDEX i_${at} ON ${written} (${column} DESC, id);` : given,
        up: `${alter} ALTER COLUMN ${column} TYPE ${CHANGED[type]};`,
        down: `${alter} ALTER COLUMN ${column} TYPE ${type};`,
      };
    }
  }
}

function downOfNotNull(alter: string, { columns }: Table, place: number): string {
  return columns[place]?.notNull
    ? 'SELECT 1;'
    : `${alter} ALTER ${quoteName(columnName(place))} DROP NOT NULL;`;
}

function makeTable(
  { columns, compositeKey, partitioned, rows }: Table,
  name: string,
  written: string,
): string {
  const definitions = columns.map(
    ({ type, notNull }, i) => `${quoteName(columnName(i))} ${type}${notNull ? ' NOT NULL' : ''}`,
  );
  const key = compositeKey ? 'kind, id' : 'id';
  const lines = ['id int', ...(compositeKey ? ['kind int'] : []), ...definitions, `PRIMARY KEY (${key})`];
  const part = (i: number) => written.replace(quoteName(name), quoteName(`${name} p${i}`));
  const parts = [0, 1].map(
    (i) => `CREATE TABLE ${part(i)} PARTITION OF ${written} FOR VALUES WITH (MODULUS 2, REMAINDER ${i});`,
  );
  const values = ['i', ...(compositeKey ? ['i % 3'] : []), ...columns.map(({ type }) => TYPES[type]('i'))];
  return [
    `CREATE TABLE ${written} (${lines.join(', ')})${partitioned ? ' PARTITION BY HASH (id)' : ''};`,
    ...(partitioned ? parts : []),
    `INSERT INTO ${written} SELECT ${values.join(', ')} FROM generate_series(1, ${rows}) AS i;`,
  ].join('\n');
}

interface RandomChange {
  readonly table: Table;
  readonly kind: (typeof KINDS)[number];
  readonly column: number;
  readonly unnamed: boolean;
}

const RULES = [
  'set-not-null',
  'add-check',
  'add-unique',
  'add-foreign-key',
  'index-not-concurrent',
  'add-column-not-null',
  'add-column-volatile-default',
  'backfill-in-transaction',
  'rename-table',
  'rename-column',
  'drop-table',
  'drop-column',
  'change-column-type',
  'add-column-rewrite',
  'schema-and-data-mixed',
  'validate-in-same-transaction',
];

const fileOf = (number: number, text: string): FileContent => ({
  path: `migrations/${String(number).padStart(5, '0')}_step.sql`,
  text,
  byteOrderMark: false,
});

beforeAll(loadParser);

test(`${CHANGES} random changes come to the same, there and back`, { timeout: 600_000 }, async () => {
  const all = fc
    .sample(changes, { numRuns: CHANGES })
    .map((each, i) => ({ ...changeOf(each, i), kind: each.kind }));
  const rewritten: string[] = [];
  for (let at = 0; at < all.length; at += TOGETHER) {
    rewritten.push(...(await comeToTheSame(all.slice(at, at + TOGETHER))));
  }
  expect(rewritten.length).toBeGreaterThanOrEqual(REWRITTEN);
  expect(new Set(rewritten)).toEqual(new Set(KINDS));
});

/** Holds the changes, in one folder, to their rewrites. Gives the kinds of those that were rewritten. */
async function comeToTheSame(
  all: readonly (Change & { readonly kind: string })[],
): Promise<readonly string[]> {
  const given = [
    'CREATE SCHEMA "Läden";\nCREATE TABLE refs (id int PRIMARY KEY);\nINSERT INTO refs SELECT generate_series(1, 8);',
    "CREATE FUNCTION token() RETURNS text LANGUAGE plpgsql VOLATILE AS 'BEGIN RETURN ''t''; END';",
    ...all.map((each) => each.given),
  ].join('\n');
  const first = fileOf(1, gooseText({ up: given, down: 'SELECT 1;' }));
  const files = [first, ...all.map(({ up, down }, i) => fileOf(i + 2, gooseText({ up, down })))];
  const model = [
    first,
    ...all.map(({ up, down, model: text }, i) => fileOf(i + 2, gooseText({ up: text ?? up, down }))),
  ];
  const analysis = analysisOf(files, {});
  const contents = new Map(files.map((file) => [file.path, file]));
  const rewritten: string[] = [];
  for (const [i, { path }] of files.slice(1).entries()) {
    const result = rewriteIn(analysis, contents, path, RULES, () => `id || '!'`);
    expect(result?.refusals, contents.get(path)?.text).toEqual([]);
    if ((result?.applied.length ?? 0) > 0) rewritten.push(all[i]?.kind ?? '');
  }
  const naive = await onServer(18);
  const safe = await onServer(18);
  try {
    const applied = await runOn(naive, model);
    expect(applied.failure).toBeUndefined();
    const schema = await schemaOf(naive);
    const rows = await rowsOf(naive);
    const phases = [...contents.values()];
    expect((await runOn(safe, phases, { kind: 'up', to: '1' })).failure).toBeUndefined();
    const before = await schemaOf(safe);
    for (const direction of ['up', 'down', 'up'] as const) {
      const command = direction === 'up' ? ({ kind: 'up' } as const) : ({ kind: 'down', to: '1' } as const);
      expect((await runOn(safe, phases, command)).failure).toBeUndefined();
      expect(await schemaOf(safe)).toEqual(direction === 'up' ? schema : before);
      if (direction === 'up') expect(await rowsOf(safe)).toEqual(rows);
    }
  } finally {
    await naive.drop();
    await safe.drop();
  }
  return rewritten;
}
