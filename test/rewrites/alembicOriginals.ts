/** A revision in Python that its rules rewrite, and the one before it. */
export interface PythonOriginal {
  /** What makes it different from the others. */
  readonly about: string;
  /** The bodies of the first revision's upgrade and of the second one's functions, indented by four blanks. */
  readonly given: string;
  readonly up: string;
  readonly down: string;
  /** What stands above the functions of the second revision. */
  readonly head?: string;
  /** What is rewritten; none: all that weighs as much as a warning. */
  readonly rules: readonly string[];
  /** Column (schema.table.column) → expression. */
  readonly set?: Readonly<Record<string, string>>;
  /** What it comes to, where the original fails as soon as there are rows. */
  readonly comesTo?: string;
  /** Its down leaves something behind. */
  readonly oneWay?: true;
  /** How many revisions it is then. */
  readonly revisions: number;
  /** Texts that have to be in the rewritten files. */
  readonly says?: readonly string[];
}

const orders = `    op.create_table("customers", sa.Column("id", sa.Integer(), primary_key=True))
    op.create_table(
        "orders",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("customer_id", sa.Integer()),
        sa.Column("total", sa.Numeric(10, 2)),
        sa.Column("note", sa.Text()),
    )
    op.execute("INSERT INTO customers SELECT generate_series(1, 20)")
    op.execute("INSERT INTO orders SELECT n, n, n * 2, 'n' || n FROM generate_series(1, 20) AS n")`;

/** What every rewrite of alembic's Python is held to: by what it says, and by the real alembic. */
export const pythonOriginals: readonly PythonOriginal[] = [
  {
    about: 'a foreign key',
    given: orders,
    up: '    op.create_foreign_key("orders_customer", "orders", "customers", ["customer_id"], ["id"])',
    down: '    op.drop_constraint("orders_customer", "orders", type_="foreignkey")',
    rules: ['add-foreign-key'],
    revisions: 3,
    says: ['["id"], postgresql_not_valid=True)', 'VALIDATE CONSTRAINT orders_customer'],
  },
  {
    about: 'a CHECK over several lines, with a comma at the end',
    given: orders,
    up: `    op.create_check_constraint(
        "total_positive",
        "orders",
        sa.text("total > 0"),
    )`,
    down: '    op.drop_constraint("total_positive", "orders")',
    rules: ['add-check'],
    revisions: 3,
    says: ['        sa.text("total > 0"),\n        postgresql_not_valid=True,\n    )'],
  },
  {
    about: 'an index alone',
    given: orders,
    up: '    op.create_index(op.f("ix_orders_note"), "orders", ["note"], unique=False)',
    down: '    op.drop_index(op.f("ix_orders_note"), table_name="orders")',
    rules: ['index-not-concurrent'],
    revisions: 2,
    says: [
      '    with op.get_context().autocommit_block():\n        op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix_orders_note")\n        op.create_index(op.f("ix_orders_note"), "orders", ["note"], unique=False, postgresql_concurrently=True, ',
    ],
  },
  {
    about: 'an index below DDL',
    given: orders,
    up: `    op.add_column("orders", sa.Column("code", sa.Text()))
    # Found by its code.
    op.create_index("ix_code", "orders", ["code"], postgresql_where=sa.text("code <> 'x'"))`,
    down: `    op.drop_index("ix_code", table_name="orders")
    op.drop_column("orders", "code")`,
    rules: ['index-not-concurrent'],
    revisions: 3,
    says: [
      '# Found by its code.',
      `postgresql_where=sa.text("code <> 'x'"), postgresql_concurrently=True, if_not_exists=True)`,
    ],
  },
  {
    about: 'two indexes, one after the other',
    given: orders,
    up: `    op.create_index("ix_note", "orders", ["note"])
    op.create_index(
        "ix_customer",
        "orders",
        ["customer_id"])`,
    down: `    op.drop_index("ix_customer")
    op.drop_index("ix_note")`,
    rules: ['index-not-concurrent'],
    revisions: 2,
  },
  {
    about: 'indexes in a loop',
    given: orders,
    up: `    for column in ("note", "customer_id"):
        op.create_index(f"ix_{column}", "orders", [column])`,
    down: `    for column in ("note", "customer_id"):
        op.drop_index(f"ix_{column}")`,
    rules: ['index-not-concurrent'],
    revisions: 2,
    says: ['        with op.get_context().autocommit_block():\n            op.create_index(f"ix_{column}", '],
  },
  {
    about: 'an index that goes',
    given: `${orders}\n    op.create_index("ix_note", "orders", ["note"])`,
    up: '    op.drop_index("ix_note", table_name="orders")',
    down: '    op.create_index("ix_note", "orders", ["note"])',
    rules: ['drop-index-not-concurrent'],
    revisions: 2,
    says: [
      '        op.drop_index("ix_note", table_name="orders", postgresql_concurrently=True, if_exists=True)',
    ],
  },
  {
    about: 'an index in a batch',
    given: orders,
    up: `    with op.batch_alter_table("orders") as batch_op:
        batch_op.create_index("ix_note", ["note"])`,
    down: `    with op.batch_alter_table("orders") as batch_op:
        batch_op.drop_index("ix_note")`,
    rules: ['index-not-concurrent'],
    revisions: 2,
    says: ['CREATE INDEX CONCURRENTLY IF NOT EXISTS ix_note ON orders (note)'],
  },
  {
    about: 'UNIQUE',
    given: orders,
    up: '    op.create_unique_constraint("orders_note_key", "orders", ["note"])',
    down: '    op.drop_constraint("orders_note_key", "orders", type_="unique")',
    rules: ['add-unique'],
    revisions: 3,
    says: ['UNIQUE USING INDEX orders_note_key'],
  },
  {
    about: 'NOT NULL',
    given: orders,
    up: '    op.alter_column("orders", "note", existing_type=sa.Text(), nullable=False)',
    down: '    op.alter_column("orders", "note", existing_type=sa.Text(), nullable=True)',
    rules: ['set-not-null'],
    revisions: 3,
    says: [
      'VALIDATE CONSTRAINT',
      'op.alter_column("orders", "note", existing_type=sa.Text(), nullable=False)',
    ],
  },
  {
    about: 'a required column',
    given: orders,
    up: '    op.add_column("orders", sa.Column("unit", sa.Text(), nullable=False))',
    down: '    op.drop_column("orders", "unit")',
    rules: ['add-column-not-null'],
    set: { 'public.orders.unit': "'pcs:' || id" },
    comesTo: `    op.add_column("orders", sa.Column("unit", sa.Text()))
    op.execute("UPDATE orders SET unit = 'pcs\\\\:' || id")
    op.alter_column("orders", "unit", nullable=False)`,
    revisions: 5,
    says: ['sa.Column("unit", sa.Text(), nullable=True)', 'autocommit_block'],
  },
  {
    about: 'a default for each row',
    given: `${orders}\n    op.execute("CREATE SEQUENCE tokens")`,
    up: `    op.add_column(
        "orders",
        sa.Column("token", sa.BigInteger(), server_default=sa.text("nextval('tokens')"), nullable=False),
    )`,
    down: '    op.drop_column("orders", "token")',
    rules: ['add-column-volatile-default'],
    revisions: 5,
    says: ['        sa.Column("token", sa.BigInteger(), nullable=True),'],
  },
  {
    about: 'a CHECK in a string of several literals, with quotes and a schema',
    given: `    op.execute('CREATE SCHEMA shop')
    op.execute('CREATE TABLE shop."Line Items" (id int PRIMARY KEY, "Unit" text)')
    op.execute("""INSERT INTO shop."Line Items" VALUES (1, 'pcs'), (2, 'ümlaut')""")`,
    up: `    op.execute(
        'ALTER TABLE shop."Line Items" '
        'ADD CONSTRAINT "has unit" '
        "CHECK (\\"Unit\\" <> '')"
    )`,
    down: `    op.execute('ALTER TABLE shop."Line Items" DROP CONSTRAINT "has unit"')`,
    rules: ['add-check'],
    revisions: 3,
    says: [`        "CHECK (\\"Unit\\" <> '') NOT VALID"`],
  },
  {
    about: 'batches, in a raw string with a regular expression',
    given: orders,
    up: `    op.execute(r"""
        UPDATE orders SET note = 'x\\d'
        WHERE note ~ '^n\\d+$'
    """)`,
    down: '    pass',
    rules: ['backfill-in-transaction'],
    revisions: 2,
    says: ['autocommit_block', 'COMMIT;'],
  },
  {
    about: 'tabs, single quotes, several statements in one string',
    given: orders,
    up: `\top.execute('''
\t\tALTER TABLE orders ADD COLUMN code text;
\t\tALTER TABLE orders ADD CONSTRAINT fk FOREIGN KEY (customer_id) REFERENCES customers (id);
\t''')`,
    down: `\top.execute('ALTER TABLE orders DROP CONSTRAINT fk')
\top.execute('ALTER TABLE orders DROP COLUMN code')`,
    rules: ['add-foreign-key'],
    revisions: 3,
    says: ['REFERENCES customers (id) NOT VALID;\n\t'],
  },
  {
    about: 'an enum value that is used',
    given: `    op.execute("CREATE TYPE mood AS ENUM ('calm')")
    op.execute("CREATE TABLE people (id int PRIMARY KEY, feels mood)")
    op.execute("INSERT INTO people VALUES (1, 'calm'), (2, NULL)")`,
    up: `    op.execute("ALTER TYPE mood ADD VALUE 'glad'")
    op.execute("UPDATE people SET feels = 'glad' WHERE id = 2")`,
    down: '    pass',
    rules: ['enum-value-used-in-transaction'],
    comesTo: `    with op.get_context().autocommit_block():
        op.execute("ALTER TYPE mood ADD VALUE 'glad'")
    op.execute("UPDATE people SET feels = 'glad' WHERE id = 2")`,
    oneWay: true,
    revisions: 3,
  },
  {
    about: 'a VALIDATE beside its constraint',
    given: orders,
    up: `    op.create_foreign_key("fk", "orders", "customers", ["customer_id"], ["id"], postgresql_not_valid=True)
    op.execute("ALTER TABLE orders VALIDATE CONSTRAINT fk")`,
    down: '    op.drop_constraint("fk", "orders")',
    rules: ['validate-in-same-transaction'],
    revisions: 3,
  },
  {
    about: 'a rename outside the transaction, beside an index',
    given: orders,
    up: `    with op.get_context().autocommit_block():
        op.rename_table("orders", "purchases")
        op.create_index("customers_id", "customers", ["id"], postgresql_concurrently=True)`,
    down: `    op.drop_index("customers_id")
    op.rename_table("purchases", "orders")`,
    rules: ['rename-table', 'not-idempotent'],
    revisions: 4,
    says: ['CREATE OR REPLACE VIEW orders', 'DROP VIEW IF EXISTS orders'],
  },
  {
    about: 'a primary key',
    given: `    op.create_table("tags", sa.Column("id", sa.Integer(), nullable=False))
    op.execute("INSERT INTO tags SELECT generate_series(1, 5)")`,
    up: '    op.create_primary_key("tags_pkey", "tags", ["id"])',
    down: '    op.drop_constraint("tags_pkey", "tags")',
    rules: ['add-unique', 'primary-key-nullable', 'add-column-constraint-scan'],
    revisions: 3,
  },
];

export const GIVEN = 'versions/1a2b3c4d5e6f_given.py';
export const CHANGE = 'versions/2b3c4d5e6f7a_change.py';

/** The two revisions. */
export function revisionsOf({ given, up, down, head = '' }: PythonOriginal, comesTo?: string) {
  return [
    {
      path: GIVEN,
      text: revision('1a2b3c4d5e6f', 'None', '', given, '    op.execute("DROP SCHEMA public CASCADE")'),
    },
    { path: CHANGE, text: revision('2b3c4d5e6f7a', '"1a2b3c4d5e6f"', head, comesTo ?? up, down) },
  ];
}

function revision(id: string, parent: string, head: string, up: string, down: string): string {
  return `"""change

Revision ID: ${id}
Revises: ${parent === 'None' ? '' : parent.slice(1, -1)}
Create Date: 2026-01-01 10:00:00
"""
from alembic import op
import sqlalchemy as sa

revision = "${id}"
down_revision = ${parent}
branch_labels = None
depends_on = None
${head}

def upgrade() -> None:
${up}


def downgrade() -> None:
${down}
`;
}
