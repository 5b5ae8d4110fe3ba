import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { run } from '../../server/src/cli/commandLine.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'skein-rewrite-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const given =
  '-- +goose Up\nCREATE SCHEMA shop;\nCREATE TABLE shop."Line Items" (id bigint PRIMARY KEY, code text, note text);\n';

function write(change: string): string {
  writeFileSync(join(folder, '00001_given.sql'), given);
  writeFileSync(join(folder, '00002_change.sql'), change);
  return join(folder, '00002_change.sql');
}

async function skein(...args: readonly string[]) {
  const said = { out: '', error: '' };
  const code = await run(args, {
    out: (text) => {
      said.out += text;
    },
    error: (text) => {
      said.error += text;
    },
    colour: false,
    width: 100,
  });
  return { code, ...said };
}

const notNull =
  '-- +goose Up\nALTER TABLE shop."Line Items" ALTER COLUMN note SET NOT NULL;\n\n-- +goose Down\nALTER TABLE shop."Line Items" ALTER COLUMN note DROP NOT NULL;\n';

describe('skein fix --rewrite', () => {
  test('writes the first phase in the place of the file, and the others after the last', async () => {
    const path = write(notNull);
    const { code, out, error } = await skein('fix', '--rewrite', '--rule', 'set-not-null', path);
    expect(error).toBe('');
    expect(code).toBe(0);
    expect(out).toContain('Split into 2 migrations');
    expect(readdirSync(folder)).toEqual([
      '00001_given.sql',
      '00002_change.sql',
      '00003_line_items_note_not_null.sql',
    ]);
    expect(readFileSync(path, 'utf8')).toContain('CHECK (note IS NOT NULL) NOT VALID');
    expect((await skein('lint', folder, '--fail-on', 'warning')).code).toBe(0);
  });

  test('without --rule takes what weighs as much as a warning', async () => {
    const path = write(notNull);
    expect((await skein('fix', '--rewrite', path)).code).toBe(0);
    expect(readdirSync(folder)).toHaveLength(3);
  });

  test('leaves what it refuses as it is, and says why', async () => {
    const text = '-- +goose NO TRANSACTION\n-- +goose Up\nDROP TABLE shop."Line Items";\n';
    const path = write(text);
    const { code, error } = await skein('fix', '--rewrite', '--rule', 'drop-table', path);
    expect(code).toBe(2);
    expect(error).toContain('nothing brings shop.Line Items back: say first in the down of the file how');
    expect(readFileSync(path, 'utf8')).toBe(text);
  });

  test('heads of several rewrites stand in the order of their statements', async () => {
    const both =
      '-- What this is for.\n\n-- +goose Up\nALTER TABLE shop."Line Items" ALTER COLUMN note SET NOT NULL;\nALTER TABLE shop."Line Items" ADD CONSTRAINT c CHECK (code <> \'\');\n';
    const path = write(both);
    expect((await skein('fix', '--rewrite', path)).code).toBe(0);
    const lines = readFileSync(path, 'utf8').split('\n');
    const heads = lines.filter((line) => /^-- (What this|Set|Add)/.test(line));
    expect(heads.map((line) => line.slice(3, 8))).toEqual(['What ', 'Set n', 'Add c']);
  });

  test('writes all of it or nothing', async () => {
    const references =
      '-- +goose Up\nALTER TABLE shop."Line Items" ALTER COLUMN note SET NOT NULL;\nALTER TABLE shop."Line Items" ADD CONSTRAINT c CHECK (code <> \'\');\n';
    const path = write(references);
    const plan = await skein('plan', path);
    const [, last = ''] = /\+\+\+ .*(\/0+4_\S+)/.exec(plan.out) ?? [];
    // No migration, but in its way.
    mkdirSync(join(folder, last));
    const { code, error } = await skein('fix', '--rewrite', path);
    expect(code).toBe(2);
    expect(error).toContain(
      `${last} cannot be written: there is something of that name already; nothing was changed`,
    );
    expect(readFileSync(path, 'utf8')).toBe(references);
    expect(readdirSync(folder)).toEqual(['00001_given.sql', '00002_change.sql', last.slice(1)]);
    rmSync(join(folder, last), { recursive: true });
    expect((await skein('fix', '--rewrite', path)).code).toBe(0);
    expect(readFileSync(join(folder, last), 'utf8')).toContain('VALIDATE CONSTRAINT c;');
  });

  test('a file that gets another number takes no name that is taken', async () => {
    write('-- +goose Up\nSELECT 1;\n');
    const path = join(folder, '00002_other.sql');
    writeFileSync(path, '-- +goose Up\nSELECT 2;\n');
    mkdirSync(join(folder, '00003_other.sql'));
    const refused = await skein('fix', '--rewrite', '--rule', 'duplicate-version', path);
    expect(refused.code).toBe(2);
    expect(refused.error).toContain('there is something of that name already; nothing was changed');
    expect(readFileSync(path, 'utf8')).toContain('SELECT 2');
    rmSync(join(folder, '00003_other.sql'), { recursive: true });
    expect((await skein('fix', '--rewrite', '--rule', 'duplicate-version', path)).code).toBe(0);
    expect(readdirSync(folder)).toEqual(['00001_given.sql', '00002_change.sql', '00003_other.sql']);
    expect(readFileSync(join(folder, '00003_other.sql'), 'utf8')).toContain('SELECT 2');
  });

  test('shows a plan, and writes nothing', async () => {
    const path = write(notNull);
    const { code, out } = await skein('plan', path);
    expect(code).toBe(0);
    expect(out).toContain('+ALTER TABLE shop."Line Items" VALIDATE CONSTRAINT "Line Items_note_is_set";');
    expect(readFileSync(path, 'utf8')).toBe(notNull);
    expect(readdirSync(folder)).toHaveLength(2);
  });

  test('asks for what only a person can say', async () => {
    const path = write(`-- +goose Up\nALTER TABLE shop."Line Items" ADD COLUMN "Unit" text NOT NULL;\n`);
    const refused = await skein('fix', '--rewrite', path);
    expect(refused.code).toBe(2);
    expect(refused.error).toContain(`--set 'shop."Line Items"."Unit"=EXPRESSION'`);
    expect(refused.error.trimEnd()).not.toContain('\n');
    expect(readdirSync(folder)).toHaveLength(2);
    const { code } = await skein(
      'fix',
      '--rewrite',
      '--set',
      `shop."Line Items"."Unit"=code || '=' || id`,
      path,
    );
    expect(code).toBe(0);
    const backfill = readFileSync(join(folder, '00003_backfill_line_items_unit.sql'), 'utf8');
    expect(backfill).toContain(`SET "Unit" = (code || '=' || id)`);
  });

  test.each([
    ['--set', 'note=1'],
    ['--set', 'a.b.c.d=1'],
    ['--set', 'shop.note'],
    ['--set', 'shop.note='],
    ['--set', 'shop.note=1)'],
    ['--rule', 'no-such-rule'],
  ])('says what is wrong with %s %s', async (option, value) => {
    const { code, error } = await skein('fix', '--rewrite', option, value, write(notNull));
    expect(code).toBe(2);
    expect(error).toContain(value);
    expect(error.trimEnd()).not.toContain('\n');
  });

  test('says that there is nothing to do', async () => {
    const path = write('-- +goose Up\nSELECT 1;\n');
    const { code, error } = await skein('fix', '--rewrite', path);
    expect(code).toBe(2);
    expect(error).toContain('nothing to rewrite');
  });
});

describe('revisions of alembic', () => {
  const header = (id: string, parent: string) =>
    `from alembic import op\nimport sqlalchemy as sa\n\nrevision = "${id}"\ndown_revision = ${parent}\n\n\n`;
  const files = {
    'alembic.ini': '[alembic]\nscript_location = db\nfile_template = %%(slug)s-%%(rev)s\n',
    'requirements.txt': 'alembic==1.11.1\n',
    'db/versions/a.py': `${header('a1', 'None')}def upgrade():\n    op.create_table("t", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("note", sa.Text()))\n`,
    'db/versions/b.py': `${header('b2', '"a1"')}def upgrade():\n    op.alter_column("t", "note", nullable=False)\n\n\ndef downgrade():\n    op.alter_column("t", "note", nullable=True)\n`,
    'db/versions/c.py': `${header('c3', '"b2"')}def upgrade():\n    op.create_index("i", "t", ["note"])\n`,
  };

  test('are rewritten by the settings of their project', async () => {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(join(folder, name, '..'), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    const versions = join(folder, 'db', 'versions');
    const second = join(versions, 'b.py');
    const plan = await skein('plan', second);
    expect(plan.out).toMatch(/\+down_revision = "c3"/);
    expect((await skein('fix', '--rewrite', second)).code).toBe(0);
    const made = readdirSync(versions).filter((name) => /^t_note_not_null-[0-9a-f]{12}\.py$/.test(name));
    expect(made).toHaveLength(1);
    expect(readFileSync(second, 'utf8')).toContain('CHECK (note IS NOT NULL) NOT VALID');
    // alembic 1.11 knows no if_not_exists of an index.
    expect((await skein('fix', '--rule', 'index-not-concurrent', join(versions, 'c.py'))).code).toBe(0);
    expect(readFileSync(join(versions, 'c.py'), 'utf8')).toContain(
      '    with op.get_context().autocommit_block():\n        op.execute("CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON t (note)")\n',
    );
    expect((await skein('lint', folder, '--fail-on', 'warning')).code).toBe(0);
  });
});
