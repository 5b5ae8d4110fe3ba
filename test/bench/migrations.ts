/** Migrations to measure with: goose files and alembic revisions of a shop, the same each time. */

/** A goose file of about `lines` lines: tables of its own and changes to them; its down drops them. */
export function longMigration(lines: number): string {
  const up: string[] = [
    '-- +goose Up',
    'CREATE TABLE orders (id bigint PRIMARY KEY, note text, total numeric(10,2));',
  ];
  const down = ['', '-- +goose Down', 'DROP TABLE orders;'];
  for (let i = 0; up.length + down.length < lines; i++) {
    down.splice(2, 0, `DROP TABLE item_${i};`);
    up.push(
      `CREATE TABLE item_${i} (`,
      '  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,',
      "  name text NOT NULL DEFAULT '',",
      '  price numeric(12, 2) CHECK (price >= 0),',
      '  order_id bigint REFERENCES orders (id)',
      ');',
      `CREATE INDEX item_${i}_name_idx ON item_${i} (lower(name)) WHERE price > ${i};`,
      `ALTER TABLE item_${i} ADD COLUMN code_${i} text, ALTER COLUMN name DROP DEFAULT;`,
      `UPDATE item_${i} SET price = price * 1.1 WHERE id = ${i};`,
      `COMMENT ON TABLE item_${i} IS 'the items of kind ${i}';`,
    );
  }
  return `${[...up, ...down].join('\n')}\n`;
}

/** `count` short migrations that come before, over tables that grow with them. */
export function history(count: number): readonly { name: string; text: string }[] {
  return Array.from({ length: count }, (_, i) => {
    const table = `t${i - (i % 5)}`;
    const statements = [
      `CREATE TABLE ${table} (\n  id bigint PRIMARY KEY,\n  name text NOT NULL,\n  email varchar(255) UNIQUE\n);\nCREATE INDEX ${table}_name_idx ON ${table} (name);`,
      `ALTER TABLE ${table} ADD COLUMN status text;\nUPDATE ${table} SET status = 'x' WHERE id = 1;`,
      `CREATE INDEX ${table}_status_idx ON ${table} (lower(status)) WHERE name <> '';`,
      `ALTER TABLE ${table} ADD CONSTRAINT ${table}_set CHECK (status <> '') NOT VALID;\nALTER TABLE ${table} VALIDATE CONSTRAINT ${table}_set;`,
      `CREATE VIEW v_${table} AS SELECT id, name FROM ${table};`,
    ];
    return {
      name: `${String(i + 1).padStart(5, '0')}_step.sql`,
      text: `-- +goose Up\n${statements[i % 5]}\n\n-- +goose Down\nSELECT 1;\n`,
    };
  });
}

/** A revision of alembic of about `lines` lines: tables of its own and changes to them; its downgrade drops them. */
export function longRevision(lines: number, parent: string | undefined): string {
  const up = [
    'def upgrade():',
    '    op.create_table("orders", sa.Column("id", sa.BigInteger(), primary_key=True))',
  ];
  const down = ['', '', 'def downgrade():', '    op.drop_table("orders")'];
  const head = revisionHead('ffff', parent);
  for (let i = 0; head.length + up.length + down.length < lines; i++) {
    down.splice(3, 0, `    op.drop_table("item_${i}")`);
    up.push(
      '    op.create_table(',
      `        "item_${i}",`,
      '        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),',
      '        sa.Column("name", sa.Text(), nullable=False, server_default=""),',
      '        sa.Column("price", sa.Numeric(12, 2)),',
      '        sa.Column("order_id", sa.BigInteger(), sa.ForeignKey("orders.id")),',
      `        sa.CheckConstraint("price >= 0", name="item_${i}_price"),`,
      '    )',
      `    op.create_index("item_${i}_name_idx", "item_${i}", [sa.text("lower(name)")])`,
      `    op.add_column("item_${i}", sa.Column("code_${i}", sa.String(20)))`,
      `    op.execute("UPDATE item_${i} SET price = price * 1.1 WHERE id = ${i}")`,
      `    op.create_table_comment("item_${i}", "the items of kind ${i}")`,
    );
  }
  return `${[...head, ...up, ...down].join('\n')}\n`;
}

/** `count` short revisions, one after the other, over tables that grow with them. */
export function revisionHistory(
  count: number,
): readonly { readonly id: string; readonly name: string; readonly text: string }[] {
  const id = (i: number) => i.toString(16).padStart(4, '0');
  return Array.from({ length: count }, (_, i) => {
    const table = `t${i - (i % 5)}`;
    const bodies = [
      `op.create_table("${table}", sa.Column("id", sa.BigInteger(), primary_key=True), sa.Column("name", sa.Text(), nullable=False))`,
      `op.add_column("${table}", sa.Column("status", sa.String(20)))`,
      `op.create_index("${table}_status_idx", "${table}", ["status"])`,
      `op.create_check_constraint("${table}_set", "${table}", "status <> ''")`,
      `op.execute("CREATE VIEW v_${table} AS SELECT id, name FROM ${table}")`,
    ];
    const head = revisionHead(id(i), i === 0 ? undefined : id(i - 1));
    const text = [
      ...head,
      'def upgrade():',
      `    ${bodies[i % 5]}`,
      '',
      '',
      'def downgrade():',
      '    pass',
      '',
    ];
    return { id: id(i), name: `${id(i)}_step.py`, text: text.join('\n') };
  });
}

function revisionHead(id: string, parent: string | undefined): readonly string[] {
  return [
    'from alembic import op',
    'import sqlalchemy as sa',
    '',
    `revision = "${id}"`,
    `down_revision = ${parent === undefined ? 'None' : `"${parent}"`}`,
    '',
    '',
  ];
}
