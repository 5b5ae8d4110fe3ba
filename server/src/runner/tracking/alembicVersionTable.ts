import { ServerError, type Session } from '../../database/session.ts';
import { USUAL_VERSION_TABLE } from '../../migrations/formats/alembic/environmentScript.ts';
import { notOneRow, type RowChange } from '../../migrations/revisionRows.ts';
import { quoteLiteral, quotePath } from '../../sql/names.ts';

const undefinedTable = '42P01';
const invalidSchema = '3F000';

/** Where env.py puts the table, if not where alembic puts it by itself. */
export interface AlembicTableOptions {
  /** `version_table`. */
  readonly table?: string;
  /** `version_table_schema`. */
  readonly schema?: string;
  /** False for `version_table_pk=False`. */
  readonly primaryKey?: boolean;
}

/**
 * alembic's version table (1.20, runtime/migration.py): a row for each revision that is applied and that no other
 * applied revision implies; none at the base.
 */
export class AlembicVersionTable {
  /** As it is written in SQL. */
  readonly name: string;
  private readonly table: string;
  private readonly primaryKey: boolean;

  constructor({ table = USUAL_VERSION_TABLE, schema, primaryKey = true }: AlembicTableOptions = {}) {
    this.table = table;
    this.name = quotePath(schema, table);
    this.primaryKey = primaryKey;
  }

  /** The ids, in the order in which the server gives them; undefined when there is no such table. Rejects as the session does. */
  async read(session: Session): Promise<readonly string[] | undefined> {
    try {
      const rows = await session.query(`SELECT version_num FROM ${this.name}`);
      return rows.flatMap((row) => row.version_num ?? []);
    } catch (error) {
      const absent =
        error instanceof ServerError && (error.code === undefinedTable || error.code === invalidSchema);
      if (absent) return undefined;
      throw error;
    }
  }

  /** What alembic sends to make the table. It is empty then: all is at the base. */
  get definition(): string {
    const key = `,\n\tCONSTRAINT ${quotePath(undefined, `${this.table}_pkc`)} PRIMARY KEY (version_num)`;
    return `CREATE TABLE ${this.name} (\n\tversion_num VARCHAR(32) NOT NULL${this.primaryKey ? key : ''}\n)`;
  }

  /** What empties it. */
  get emptying(): string {
    return `DELETE FROM ${this.name}`;
  }

  /** A change as a script would have it. */
  sql(change: RowChange): string {
    const id = quoteLiteral(change.id);
    switch (change.kind) {
      case 'insert':
        return `INSERT INTO ${this.name} (version_num) VALUES (${id})`;
      case 'update':
        return `UPDATE ${this.name} SET version_num = ${quoteLiteral(change.to)} WHERE version_num = ${id}`;
      case 'delete':
        return `DELETE FROM ${this.name} WHERE version_num = ${id}`;
    }
  }

  /**
   * Records what became of one revision, in the transaction that is open. Rejects with RevisionError, in alembic's words,
   * where the row is not there (someone else has moved it), and as the session does.
   */
  async record(session: Session, change: RowChange): Promise<void> {
    if (change.kind === 'insert') {
      await session.query(`INSERT INTO ${this.name} (version_num) VALUES ($1)`, [change.id]);
      return;
    }
    const rows =
      change.kind === 'update'
        ? await session.query(
            `UPDATE ${this.name} SET version_num = $1 WHERE version_num = $2 RETURNING version_num`,
            [change.to, change.id],
          )
        : await session.query(`DELETE FROM ${this.name} WHERE version_num = $1 RETURNING version_num`, [
            change.id,
          ]);
    if (rows.length !== 1) throw notOneRow(change, this.table, rows.length);
  }
}
