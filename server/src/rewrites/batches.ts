import { type Catalog, columnOf, displayName, tableOf, writtenName } from '../catalog/catalog.ts';
import { quoteLiteral, quoteName } from '../sql/names.ts';
import type { Refusal } from './offer.ts';
import type { LiveDatabase, Phase } from './rewrite.ts';

/** A write of many rows. Texts are SQL over the columns of the table. */
export interface ManyRows {
  /** Key of the table in the catalog. */
  readonly table: string;
  /** What the texts call it, where that is not its own name. */
  readonly alias?: string;
  /** `UPDATE t SET …` or `DELETE FROM t`, without its WHERE. */
  readonly write: string;
  /** Which rows need it: false of a row that has been written. */
  readonly needed: string;
}

/** Rows of a batch, seconds between two, tries where a row or table is locked. */
const SIZE = 1000;
const PAUSE = 0.01;
const TRIES = 10;

/** The columns by which a table can be worked through: its primary key's; undefined where none is known. */
export function batchKey(catalog: Catalog, table: string): readonly string[] | undefined {
  const known = tableOf(catalog, table);
  const key = known?.constraints.find(({ kind }) => kind === 'primaryKey')?.columns;
  return key?.every((each) => columnOf(known, each) !== undefined) ? key : undefined;
}

/** How a table is worked through: along its key, or block after block as it lies on disk. */
export type RowOrder = readonly string[] | 'blocks';

/**
 * The order in which a table can be worked through. Without a key it is by ctid, of which ranges are read as such from
 * 14 on (release notes: TID Range Scan), of a table that is known to have no others below it.
 */
export function rowOrder(
  catalog: Catalog,
  table: string,
  { postgresVersion }: Pick<LiveDatabase, 'postgresVersion'>,
): RowOrder | undefined {
  const key = batchKey(catalog, table);
  if (key !== undefined) return key;
  const known = tableOf(catalog, table);
  const alone = known?.kind === 'table' && known.path !== undefined && known.partitionBy === undefined;
  return alone && known.children.length === 0 && postgresVersion >= 14 ? 'blocks' : undefined;
}

/** Where there is no such order: `does` is what cannot be done, "filled". */
export function withoutOrder(table: string, does: string): Refusal {
  const shown = displayName(table);
  return {
    refused: `${shown} cannot be ${does} in batches: the history shows no primary key of it by which to go through it; give it one first`,
  };
}

/** How many blocks make a batch: some thousand rows of usual length. */
const BLOCKS = 50;

function alongBlocks({ table, write, needed }: ManyRows): string {
  const name = writtenName(table);
  return `
#variable_conflict use_column
DECLARE
  batch_blocks constant bigint := ${BLOCKS};
  pause constant double precision := ${PAUSE}; -- seconds between two batches
  written bigint := 0;
  changed bigint;
  batch_block bigint := 0;
  batch_first tid;
  batch_end tid;
BEGIN
  -- A row that is written moves, and needs it no more where it lies then.
  WHILE batch_block * current_setting('block_size')::bigint < pg_relation_size(${quoteLiteral(name)}::regclass) LOOP
    batch_first := format('(%s,0)', batch_block)::tid;
    batch_end := format('(%s,0)', batch_block + batch_blocks)::tid;
${attempts(`${write}
        WHERE ctid >= batch_first AND ctid < batch_end AND (${needed});`)}
    COMMIT;
    written := written + changed;
    RAISE NOTICE '%: % rows written', ${quoteLiteral(name)}, written;
    PERFORM pg_sleep(pause);
    batch_block := batch_block + batch_blocks;
  END LOOP;
END
`;
}

/** One write, again where it meets a lock. */
function attempts(write: string): string {
  return `    FOR attempt IN 1 .. ${TRIES} LOOP
      BEGIN
        PERFORM set_config('lock_timeout', '2s', true);
        ${write}
        GET DIAGNOSTICS changed = ROW_COUNT;
        EXIT;
      EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
        IF attempt = ${TRIES} THEN RAISE; END IF;
        PERFORM pg_sleep(attempt * 0.1);
      END;
    END LOOP;`;
}

/**
 * A DO block that writes the rows batch by batch in their order, each batch committed (documentation: PL/pgSQL,
 * Transaction Management: COMMIT in DO, outside a transaction block). Run again it goes on at the first row that still
 * needs it. A batch that meets a lock gives up after two seconds and tries again.
 */
export function inBatches(rows: ManyRows, order: RowOrder): string {
  const body = order === 'blocks' ? alongBlocks(rows) : alongKey(rows, order);
  const quote = body.includes('$$') ? '$backfill$' : '$$';
  return `DO ${quote}${body}${quote}`;
}

function alongKey({ table, alias, write, needed }: ManyRows, key: readonly string[]): string {
  const name = writtenName(table);
  const from = alias === undefined ? name : `${name} AS ${quoteName(alias)}`;
  const columns = key.map(quoteName);
  const variables = (prefix: string) => key.map((_, i) => `${prefix}_${i + 1}`);
  const [first, last] = [variables('batch_first'), variables('batch_last')];
  const list = columns.join(', ');
  const row = (values: readonly string[]) => (values.length === 1 ? values[0] : `(${values.join(', ')})`);
  const backwards = columns.map((each) => `${each} DESC`).join(', ');
  const declared = [...first, ...last].map(
    (each, i) => `  ${each} ${name}.${columns[i % columns.length]}%TYPE;`,
  );
  // A column may be called as one of the variables is.
  return `
#variable_conflict use_column
DECLARE
  batch_size constant integer := ${SIZE};
  pause constant double precision := ${PAUSE}; -- seconds between two batches
  written bigint := 0;
  changed bigint;
${declared.join('\n')}
BEGIN
  SELECT ${list} INTO ${first.join(', ')} FROM ${from} WHERE ${needed} ORDER BY ${list} LIMIT 1;
  WHILE FOUND LOOP
    SELECT ${list} INTO ${last.join(', ')} FROM (
      SELECT ${list} FROM ${from} WHERE ${row(columns)} >= ${row(first)} ORDER BY ${list} LIMIT batch_size
    ) AS batch ORDER BY ${backwards} LIMIT 1;
${attempts(`${write}
        WHERE ${row(columns)} >= ${row(first)} AND ${row(columns)} <= ${row(last)} AND (${needed});`)}
    COMMIT;
    written := written + changed;
    RAISE NOTICE '%: % rows written', ${quoteLiteral(name)}, written;
    PERFORM pg_sleep(pause);
    SELECT ${list} INTO ${first.join(', ')} FROM ${from}
    WHERE ${row(columns)} > ${row(last)} AND (${needed}) ORDER BY ${list} LIMIT 1;
  END LOOP;
END
`;
}

/** The phase that writes old rows batch by batch; its head says what it does, and which triggers that fires. */
export function backfill(
  name: string,
  does: string,
  rows: ManyRows,
  order: RowOrder,
  triggers: readonly string[],
): Phase {
  return {
    deploy: 1,
    name,
    does: `${does}, batch by batch${triggersInWords(triggers)}`,
    transactional: false,
    up: [inBatches(rows, order)],
    down: [],
  };
}

/** The triggers that a write fires, by name. */
export function triggersOn(catalog: Catalog, table: string, event: 'update' | 'delete'): readonly string[] {
  const triggers = tableOf(catalog, table)?.triggers ?? [];
  return triggers.filter(({ enabled, events }) => enabled && events.includes(event)).map(({ name }) => name);
}

/** What the head of a migration says of them. */
export function triggersInWords(triggers: readonly string[]): string {
  return triggers.length === 0 ? '' : `; it fires the triggers ${triggers.join(', ')}`;
}
