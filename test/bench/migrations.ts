/** Migrations to measure with: goose files of a shop, the same each time. */

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
