import { beforeAll, describe, expect, it } from 'vitest';
import { HistoryAnalysis } from '../../../server/src/analysis/historyAnalysis.ts';
import { applyEdits } from '../../../server/src/migrations/edits.ts';
import {
  DEFAULT_SETTINGS,
  type RevisionSettings,
} from '../../../server/src/migrations/formats/alembic/revisionSettings.ts';
import { alembicFormat } from '../../../server/src/migrations/formats/alembic.ts';
import { loadParser } from '../../../server/src/sql/parser.ts';

beforeAll(loadParser);

const NOW = new Date('2026-01-02T03:04:05Z');
const UTC: RevisionSettings = { naming: { ...DEFAULT_SETTINGS.naming, timezone: 'UTC' } };

const given = revision(
  'a1',
  'None',
  'op.create_table("t", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("a", sa.Text()))',
);

function revision(id: string, parent: string, ...up: readonly string[]): string {
  return `from alembic import op\nimport sqlalchemy as sa\n\nrevision = "${id}"\ndown_revision = ${parent}\n\n\ndef upgrade():\n${up.map((line) => `    ${line}\n`).join('')}`;
}

/** What the first fix of a rule in the last file makes of the folder. */
function fixed(
  rule: string,
  texts: readonly string[],
  settings: RevisionSettings = UTC,
):
  | {
      readonly text: string;
      readonly creates: readonly { path: string; text: string }[];
      readonly title: string;
    }
  | undefined {
  const analysis = new HistoryAnalysis('versions', alembicFormat(settings), { rules: { [rule]: 'warning' } });
  const paths = texts.map((text) => `versions/${/^revision = ["'](.*)["']$/m.exec(text)?.[1]}_x.py`);
  for (const [i, text] of texts.entries()) {
    analysis.set({ path: paths[i] ?? '', text, byteOrderMark: false });
  }
  analysis.setComplete(true);
  const path = paths.at(-1) ?? '';
  const fix = analysis.findings(path).find((finding) => finding.rule === rule)?.fixes[0];
  if (fix === undefined) return undefined;
  const { edits, creates } = analysis.edits(fix, path, { now: () => NOW });
  const text = applyEdits(
    texts.at(-1) ?? '',
    edits.map(({ span, newText }) => ({ span, text: newText })),
  );
  return { text, creates: [...creates], title: fix.title };
}

/** The body of upgrade() after the fix. */
function upgraded(rule: string, up: readonly string[], settings?: RevisionSettings): string | undefined {
  const found = fixed(rule, [given, revision('b2', '"a1"', ...up)], settings);
  return found?.text.slice(found.text.indexOf('def upgrade():\n') + 'def upgrade():\n'.length);
}

const index = 'op.create_index("i", "t", ["a"])';
const concurrently = 'op.create_index("i", "t", ["a"], postgresql_concurrently=True, if_not_exists=True)';
const block = (...lines: readonly string[]) =>
  ['    with op.get_context().autocommit_block():', ...lines.map((line) => `        ${line}`), ''].join('\n');

describe('an autocommit block', () => {
  it('holds a statement that is the first', () => {
    expect(upgraded('index-not-concurrent', [index])).toBe(block(concurrently));
  });

  it('holds it where others outside of the transaction are above', () => {
    const first = [...block('op.execute("VACUUM t")').trimEnd().split('\n')].map((line) => line.slice(4));
    expect(upgraded('index-not-concurrent', [...first, index])).toBe(
      block('op.execute("VACUUM t")', concurrently),
    );
  });

  it('may follow a setting of the session', () => {
    const set = 'op.execute("SET lock_timeout = \'2s\'")';
    expect(upgraded('index-not-concurrent', [set, index])).toBe(`    ${set}\n${block(concurrently)}`);
  });

  it('keeps the lines of a call, and of a string in it', () => {
    const lines = [
      'op.create_index(',
      '    "i", "t", ["a"],',
      '    postgresql_where=sa.text("""a',
      'IS NOT NULL"""),',
      ')',
    ];
    expect(upgraded('index-not-concurrent', lines)).toBe(
      block('op.create_index(', '    "i", "t", ["a"],', '    postgresql_where=sa.text("""a').trimEnd() +
        '\n    IS NOT NULL"""),\n            postgresql_concurrently=True,\n            if_not_exists=True,\n        )\n',
    );
  });

  it.each([
    ['DDL', ['op.add_column("t", sa.Column("b", sa.Text()))']],
    ['rows', ['op.execute("INSERT INTO t (id) VALUES (1)")']],
    ['what cannot be seen', ['from x import y', 'y.do(op.get_bind())']],
  ])('does not commit %s above it: then it is a revision of its own', (_, above) => {
    const found = fixed('index-not-concurrent', [given, revision('b2', '"a1"', ...above, index)]);
    expect(found?.text).toBe(revision('b2', '"a1"', ...above));
    expect(found?.creates[0]?.text).toContain(block(`op.drop_index("i", `).slice(0, 50));
    expect(found?.creates[0]?.text).toContain(`        ${concurrently}\n`);
  });
});

describe('arguments', () => {
  it.each([
    [
      'are added',
      'op.create_index("i", "t", ["a"])',
      '["a"], postgresql_concurrently=True, if_not_exists=True)',
    ],
    [
      'are added behind others that are unpacked',
      'op.create_index("i", "t", ["a"], **{"postgresql_using": "hash"})',
      '**{"postgresql_using": "hash"}, postgresql_concurrently=True, if_not_exists=True)',
    ],
    [
      'are switched on',
      'op.create_index("i", "t", ["a"], postgresql_concurrently=False)',
      '["a"], postgresql_concurrently=True, if_not_exists=True)',
    ],
  ])('%s', (_, call, text) => {
    expect(upgraded('index-not-concurrent', [call])).toContain(text);
  });

  it('are only those that the installed alembic knows', () => {
    const old = { ...UTC, release: '1.11.3' };
    const sql = 'op.execute("CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON t (a)")';
    expect(upgraded('index-not-concurrent', [index], old)).toBe(block(sql));
    expect(upgraded('index-not-concurrent', [index], { ...UTC, release: '1.12' })).toBe(block(concurrently));
  });

  it.each([
    ['1.16.0', 'op.add_column("t", sa.Column("b", sa.Text()), if_not_exists=True)'],
    ['1.15.2', 'op.execute("ALTER TABLE t ADD COLUMN IF NOT EXISTS b TEXT")'],
  ])('say IF NOT EXISTS of a column in %s', (release, text) => {
    const call = 'op.add_column("t", sa.Column("b", sa.Text()))';
    expect(upgraded('not-idempotent', [call], { ...UTC, release })).toBe(`    ${text}\n`);
  });

  it.each([
    [
      'prefer-bigint',
      'sa.Column("id", sa.Integer, sa.Identity())',
      'sa.Column("id", sa.BigInteger(), sa.Identity())',
    ],
    ['prefer-text', 'sa.Column("a", sa.String(length=50))', 'sa.Column("a", sa.Text())'],
    ['prefer-timestamptz', 'sa.Column("a", sa.DateTime())', 'sa.Column("a", sa.DateTime(timezone=True))'],
  ])('are of another type: %s', (rule, before, after) => {
    const table = (column: string) => `op.create_table("n", sa.Column("x", sa.Text()), ${column})`;
    expect(upgraded(rule, [table(before)])).toBe(`    ${table(after)}\n`);
  });

  const long = 'A'.repeat(70);
  it.each([
    ['a table', `op.create_table("${long}", sa.Column("a", sa.Text()))`],
    ['an index', `op.create_index('${long}', "t", ["a"])`],
    ['a constraint', `op.create_unique_constraint("${long}", "t", ["a"])`],
  ])('that are names are edited in their quotes: %s', (_, call) => {
    expect(upgraded('identifier-too-long', [call])).toBe(`    ${call.replace(long, 'A'.repeat(63))}\n`);
  });

  it('that alembic refuses are cut, with a capital letter only where they are cut', () => {
    const name = (end: string) => `${'a'.repeat(60)}B${end}`;
    expect(upgraded('identifier-too-long', [`op.drop_index("${name('cde')}", "t")`])).toBe(
      `    op.drop_index("${name('cd')}", "t")\n`,
    );
  });

  it('of one turn of a loop are those of all', () => {
    const lines = ['for c in ("a", "id"):', '    op.create_index("i_" + c, "t", [c])'];
    expect(upgraded('index-not-concurrent', lines)).toBe(
      '    for c in ("a", "id"):\n        with op.get_context().autocommit_block():\n            op.create_index("i_" + c, "t", [c], postgresql_concurrently=True, if_not_exists=True)\n',
    );
  });

  it('that come to one statement only of several leave a loop alone', () => {
    const lines = ['for c in ("a", "id"):', '    op.execute(f"CREATE INDEX i_{c} ON t ({c})")'];
    expect(upgraded('index-not-concurrent', lines)).toBeUndefined();
  });
});

describe('a string', () => {
  it.each([
    [
      'in its own quotes',
      `op.execute('ALTER TABLE t ADD CONSTRAINT "c\\'d" CHECK (a <> \\'\\') ')`,
      `CHECK (a <> \\'\\') NOT VALID ')`,
    ],
    [
      'raw',
      `op.execute(r"ALTER TABLE t ADD CONSTRAINT c CHECK (a ~ '\\d')")`,
      `CHECK (a ~ '\\d') NOT VALID")`,
    ],
    [
      'of an f-string',
      "op.execute(f\"ALTER TABLE t ADD CONSTRAINT c CHECK ({'a'} <> '')\")",
      "CHECK ({'a'} <> '') NOT VALID\")",
    ],
    [
      'of text()',
      'op.execute(sa.text("ALTER TABLE t ADD CONSTRAINT c CHECK (a <> \'x\\\\:y\')"))',
      "(a <> 'x\\\\:y') NOT VALID\"))",
    ],
    [
      'of a connection',
      'op.get_bind().execute(sa.text("ALTER TABLE t ADD CONSTRAINT c CHECK (a <> \'\')"))',
      'NOT VALID"))',
    ],
  ])('is edited where it stands: %s', (_, call, text) => {
    expect(upgraded('add-check', [call])).toContain(text);
  });

  it('of a constant is replaced where it is used', () => {
    const found = fixed('add-check', [
      given,
      `SQL = "ALTER TABLE t ADD CONSTRAINT c CHECK (a <> '')"\n${revision('b2', '"a1"', 'op.execute(SQL)')}`,
    ]);
    expect(found?.text).toMatch(/ NOT VALID"/);
  });
});

describe('a new revision', () => {
  const check = (settings: RevisionSettings, ...texts: readonly string[]) => {
    const up = 'op.create_check_constraint("c", "t", "a <> \'\'")';
    const own = revision('b2', '"a1"', up);
    return fixed('add-check', [given, ...texts, own], settings)?.creates.at(-1);
  };

  it('comes after the head, named as the project names', () => {
    const naming = {
      fileTemplate: '%(year)d-%(rev)s-%(slug)s',
      truncateSlugLength: 40,
      timezone: 'Asia/Tokyo',
    };
    const made = check({ naming }, revision('c3', '"b2"', 'pass'), revision('d4', '"c3"', 'pass'));
    expect(made?.path).toMatch(/^versions\/2026-[0-9a-f]{12}-validate_c\.py$/);
    expect(made?.text).toContain('Revises: d4\nCreate Date: 2026-01-02 12:04:05\n');
    expect(made?.text).toContain('down_revision = "d4"');
  });

  it('has a name of its own, where the template gives two of one minute the same', () => {
    const naming = { fileTemplate: '%(year)d_%(slug)s', truncateSlugLength: 40 };
    const up = ['t.a = 1', 't.a = 2'].map((set) => `op.execute("UPDATE t SET ${set.slice(2)} WHERE id > 3")`);
    const own = revision('b2', '"a1"', 'op.add_column("t", sa.Column("b", sa.Integer()))', ...up);
    const paths = fixed('schema-and-data-mixed', [given, own], { naming })?.creates.map(({ path }) => path);
    expect(paths).toEqual(['versions/2026_backfill_t.py', 'versions/2026_backfill_t_2.py']);
    expect(check({ naming: { ...naming, fileTemplate: 'b2_x' } })?.path).toBe('versions/b2_x_2.py');
  });

  it.each([
    ['a condition', ['if op.get_bind().dialect.name == "postgresql":']],
    ['an exception', ['try:']],
  ])('is not made of what stands under %s', (_, [guard = '']) => {
    const above = 'op.add_column("t", sa.Column("b", sa.Integer()))';
    const index = 'op.create_index("i", "t", ["a"])';
    const rest = guard === 'try:' ? ['finally:', '    pass'] : [];
    const guarded = revision('b2', '"a1"', above, guard, `    ${index}`, ...rest);
    expect(fixed('index-not-concurrent', [given, guarded])).toBeUndefined();
    expect(
      fixed('index-not-concurrent', [given, revision('b2', '"a1"', above, index)])?.creates,
    ).toHaveLength(1);
  });

  it('takes the comment of what moves into it', () => {
    const own = revision(
      'b2',
      '"a1"',
      'op.add_column("t", sa.Column("b", sa.Integer()))',
      '',
      '# Old rows had none.',
      'op.execute("UPDATE t SET a = 1")',
    );
    const found = fixed('backfill-in-transaction', [given, own]);
    expect(found?.text).not.toContain('Old rows');
    expect(found?.creates[0]?.text).toContain('        # Old rows had none.\n        op.execute(');
  });

  it('comes after all heads that the revision leads to, and no others', () => {
    const made = check(
      UTC,
      revision('c3', '"b2"', 'pass'),
      revision('d4', '"b2"', 'pass'),
      revision('e5', '"a1"', 'pass'),
    );
    expect(made?.text).toContain('down_revision = ("c3", "d4")');
  });

  it('goes on counting where ids are numbers', () => {
    const texts = [given, revision('b2', '"a1"', 'op.create_check_constraint("c", "t", "a <> \'\'")')].map(
      (text) => text.replaceAll('"a1"', '"0001"').replaceAll('"b2"', '"0002"'),
    );
    expect(fixed('add-check', texts)?.creates[0]?.path).toBe('versions/0003_validate_c.py');
  });

  it('commits what came before, unless each has a transaction of its own', () => {
    const commits = /autocommit_block\(\):\n {8}pass\n {4}op\.execute\(/;
    expect(check(UTC)?.text).toMatch(commits);
    expect(check({ ...UTC, transactionPerMigration: true })?.text).not.toContain('autocommit_block');
  });

  it("is made from the project's template", () => {
    const lines = [
      '## for the people of Mako',
      '"""$' + '{message} by $' + '{up_revision}, after $' + '{down_revision | comma,n}',
      '"""',
      'from alembic import op as migrate',
      '$' + '{imports if imports else ""}',
      'revision = $' + '{repr(up_revision)}',
      'down_revision = $' + '{repr(down_revision)}',
      '',
      'def upgrade():',
      '\t$' + '{upgrades if upgrades else "pass"}',
      '',
      'def downgrade():',
      '\t$' + '{downgrades if downgrades else "pass"}',
      '',
    ];
    const made = check({ ...UTC, template: lines.join('\n') });
    const [, id] = /revision = '(.*)'/.exec(made?.text ?? '') ?? [];
    expect(made?.text.split('\n').slice(2)).toEqual([
      `"""validate c by ${id}, after b2`,
      '"""',
      'from alembic import op as migrate',
      '',
      `revision = '${id}'`,
      "down_revision = 'b2'",
      '',
      'def upgrade():',
      '\t# The revisions before are committed first.',
      '\twith migrate.get_context().autocommit_block():',
      '\t\tpass',
      '\tmigrate.execute("ALTER TABLE t VALIDATE CONSTRAINT c")',
      '',
      'def downgrade():',
      '\tpass',
      '',
    ]);
  });

  it.each([
    ['control lines', '% if message:\nrevision = 1\n% endif\n'],
    ['blocks', '<%! import os %>\n'],
    ['other expressions', 'revision = $' + '{config.get("x")}\n'],
    ['no ids', 'from alembic import op\n'],
  ])('is like its neighbour where the template has %s', (_, template) => {
    expect(check({ ...UTC, template })?.text).toContain(
      '\nfrom alembic import op\nimport sqlalchemy as sa\n',
    );
  });
});

describe('the down', () => {
  const unique = 'op.create_unique_constraint("u", "t", ["a"])';

  it('is written where there is none', () => {
    const text = fixed('down-missing', [
      given,
      revision('b2', '"a1"', 'op.create_table("n", sa.Column("i", sa.Text()))'),
    ]);
    expect(text?.text.slice(-82)).toContain(
      '\n\n\ndef downgrade():\n    op.execute("DROP TABLE IF EXISTS n")\n',
    );
  });

  it.each([
    ['takes the place of pass', '    pass\n', '    op.execute("DROP TABLE IF EXISTS n")\n'],
    ['on the line of def', ' pass\n', '\n    op.execute("DROP TABLE IF EXISTS n")\n'],
    [
      'goes behind a docstring',
      '    """Nothing."""\n',
      '    """Nothing."""\n    op.execute("DROP TABLE IF EXISTS n")\n',
    ],
  ])('%s', (_, before, after) => {
    const up = revision('b2', '"a1"', 'op.create_table("n", sa.Column("i", sa.Text()))');
    const opened = before.startsWith('    ') ? '\n' : '';
    const found = fixed('down-missing', [given, `${up}\n\ndef downgrade():${opened}${before}`]);
    expect(found?.text).toBe(`${up}\n\ndef downgrade():${opened}${after}`);
  });

  it('of a phase outside of the transaction is outside too', () => {
    const own = `${revision('b2', '"a1"', unique)}\n\ndef downgrade():\n    op.drop_constraint("u", "t")\n`;
    const found = fixed('add-unique', [given, own]);
    expect(found?.text).toContain(
      `def downgrade():\n${block('op.execute("DROP INDEX CONCURRENTLY IF EXISTS u")')}`,
    );
    expect(found?.title).toBe('Split into 2 migrations: Add the UNIQUE u to t');
  });
});

describe('what only the run can tell', () => {
  const rows = 'for id, a in op.get_bind().execute(sa.text("SELECT id, a FROM t")):';

  it('goes into no other revision, and stays where it is', () => {
    const update =
      '    op.get_bind().execute(sa.text("UPDATE t SET a = :a WHERE id > :id"), {"a": a, "id": id})';
    expect(fixed('backfill-in-transaction', [given, revision('b2', '"a1"', rows, update)])).toBeUndefined();
  });

  it('is not taken from where it runs only sometimes', () => {
    const others = 'op.add_column("t", sa.Column("c", sa.Text()))';
    const sometimes = ['if asked():', '    op.create_index("i", "t", ["a"])'];
    expect(
      fixed('index-not-concurrent', [given, revision('b2', '"a1"', others, ...sometimes)]),
    ).toBeUndefined();
    expect(
      fixed('index-not-concurrent', [given, revision('b2', '"a1"', others, index)])?.creates,
    ).toHaveLength(1);
  });
});
