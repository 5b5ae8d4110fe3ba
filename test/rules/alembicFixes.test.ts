import { execFileSync } from 'node:child_process';
import { afterAll, describe, expect, test } from 'vitest';
import type { SkeinConfig } from '../../server/src/config/skeinConfig.ts';
import { saidBy } from '../../server/src/migrations/formats/alembic/sameSql.ts';
import { gooseFormat } from '../../server/src/migrations/formats/goose.ts';
import { type MigrationFile, type Script, statementsOf } from '../../server/src/migrations/migration.ts';
import { ALL_RULES } from '../../server/src/rules/allRules.ts';
import type { Finding } from '../../server/src/rules/finding.ts';
import type { Example, Rule } from '../../server/src/rules/rule.ts';
import { loadParser } from '../../server/src/sql/parser.ts';
import { analysisOf, applied, type ExampleFile, exampleFiles, NOW } from './exampleHistory.ts';

/*
 * Every fix that is offered for a goose migration is offered for the same statements in alembic's op.execute, and both
 * come to the same SQL.
 */

/** Where alembic's Python has no such fault, and why. */
const QUIET: Readonly<Record<string, string>> = {
  'goose-empty-section': 'an empty function is how a revision says that there is nothing to do',
  'mixed-transactional': 'a block opts out its own statements, not the file',
  'concurrently-in-transaction':
    'statements on one line of goose are one string: here each is one of its own',
};

/** Fixes that alembic has no use for, and why. */
const ABSENT: Readonly<Record<string, string>> = {};

await loadParser();

const pythons: string[] = [];

// One Python for all: starting one for each takes longer than the rest.
afterAll(() => {
  if (!hasPython()) return;
  const program = 'import ast, json, sys\nfor text in json.load(sys.stdin): ast.parse(text)';
  execFileSync('python3', ['-c', program], { input: JSON.stringify(pythons) });
});

function hasPython(): boolean {
  try {
    execFileSync('python3', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const RANK = { error: 0, warning: 1, information: 2, hint: 3 };

for (const rule of ALL_RULES) {
  const examples = rule.bad().flatMap((given) => {
    const example = asGoose(given);
    const files = asRevisions(example);
    return files === undefined ? [] : [{ example, files }];
  });
  if (examples.length === 0) continue;
  describe(rule.id, () => {
    test.each(examples)('$example.files', ({ example, files }) => {
      const config = configOf(rule, example);
      const goose = exampleFiles(example);
      const inSql = findingsOf(rule, goose, config);
      const inPython = findingsOf(rule, files, config);
      const text = files.at(-1)?.text;
      if (inPython.findings.length !== inSql.findings.length) {
        expect(QUIET[rule.id], `not as many findings in\n${text}`).toBeDefined();
        return;
      }
      for (const [i, finding] of inSql.findings.entries()) {
        for (const fix of finding.fixes) {
          const title = asInPython(fix.title);
          const same = inPython.findings[i]?.fixes.find((each) => each.title === title);
          if (same === undefined) {
            expect.soft(ABSENT[rule.id], `${title}, for\n${text}`).toBeDefined();
            continue;
          }
          const after = applied(files, inPython.edits(same));
          const inGoose = applied(goose, inSql.edits(fix));
          pythons.push(...after.map((each) => each.text));
          const texts = `${title}\n${after.map((each) => each.text).join('\n---\n')}`;
          expect.soft(saidIn(after, config), texts).toEqual(saidIn(inGoose, config));
          // An example may be no migration for goose: what is wrong with it there stays so here.
          const left = serious(after, config);
          for (const known of [...serious(files, config), ...serious(inGoose, config)]) {
            if (left.includes(known)) left.splice(left.indexOf(known), 1);
          }
          expect.soft(left, texts).toEqual([]);
        }
      }
    });
  });
}

/** What opts a goose file out of its transaction is a block in Python. */
function asInPython(title: string): string {
  return title.replace('opt the file out of its transaction', 'run it in an autocommit block');
}

function configOf(rule: Rule, { postgresVersion, config }: Example): SkeinConfig {
  return {
    ...config,
    ...(postgresVersion === undefined ? {} : { postgresVersion }),
    ...(rule.level === 'off' ? { rules: { [rule.id]: 'information' } } : {}),
  };
}

function findingsOf(rule: Rule, files: readonly ExampleFile[], config: SkeinConfig) {
  const path = files.at(-1)?.path ?? '';
  const analysis = analysisOf(files, config);
  return {
    findings: analysis.findings(path).filter((finding) => finding.rule === rule.id),
    edits: (fix: Finding['fixes'][number]) => analysis.edits(fix, path, { now: () => NOW }),
  };
}

function serious(files: readonly ExampleFile[], config: SkeinConfig): string[] {
  const analysis = analysisOf(files, config);
  return files
    .flatMap(({ path }) => analysis.findings(path))
    .filter(({ severity }) => RANK[severity] <= RANK.warning)
    .map(({ rule }) => rule);
}

/** What the files say in the order in which they are applied, file by file. */
function saidIn(files: readonly ExampleFile[], config: SkeinConfig) {
  const analysis = analysisOf(files, config);
  return analysis.format.order(analysis.files).turns.map(({ path }) => {
    const file = analysis.files.find((each) => each.path === path);
    return file === undefined ? undefined : { up: said(file.up), down: said(file.down) };
  });
}

/** A goose file that opts out takes its down along, which then has to run again: that is no difference. */
function said(script: Script | undefined): readonly string[] {
  const statements = script === undefined ? [] : statementsOf(script);
  return statements.map(({ parsed }) => {
    const sql = saidBy(parsed.text).replaceAll('\u0000', ' ');
    return script?.direction === 'down' ? sql.replace('if exists ', '') : sql;
  });
}

/** Files of plain SQL as goose files. */
function asGoose(example: Example): Example {
  const { files } = example;
  if (files.some((each) => typeof each !== 'string' || each.includes('+goose'))) return example;
  return { ...example, files: files.map((text) => `-- +goose Up\n${text}`) };
}

/** An example's goose files as revisions one after the other; undefined where its file names matter, or it is no goose. */
function asRevisions({ files, base }: Example): readonly ExampleFile[] | undefined {
  if (base !== undefined) return undefined;
  const revisions: ExampleFile[] = [];
  for (const [i, text] of files.entries()) {
    if (typeof text !== 'string' || !/^-- \+goose Up/m.test(text)) return undefined;
    const file = gooseFormat.read({ path: `0000${i + 1}_step.sql`, text, byteOrderMark: false });
    const statements = [
      ...statementsOf(file.up),
      ...(file.down === undefined ? [] : statementsOf(file.down)),
    ];
    if (file.problems.length > 0 || statements.some(({ error }) => error !== undefined)) return undefined;
    // What is said in comments is said to goose.
    if (/--(?! \+goose)|\/\*/.test(text)) return undefined;
    revisions.push({ path: `migrations/a${i}_step.py`, text: revision(i, file) });
  }
  return revisions;
}

function revision(i: number, file: MigrationFile): string {
  const body = (script: Script | undefined) => {
    const statements = script === undefined ? [] : statementsOf(script);
    if (statements.length === 0) return ['    pass'];
    const indentation = file.transactional ? '    ' : '        ';
    const lines = statements.map(({ parsed }, at) => indentation + execute(parsed.text, at));
    return file.transactional ? lines : ['    with op.get_context().autocommit_block():', ...lines];
  };
  return [
    '"""step"""',
    'from alembic import op',
    '',
    `revision = 'a${i}'`,
    `down_revision = ${i === 0 ? 'None' : `'a${i - 1}'`}`,
    '',
    '',
    'def upgrade():',
    ...body(file.up),
    ...(file.down === undefined ? [] : ['', '', 'def downgrade():', ...body(file.down)]),
    '',
  ].join('\n');
}

/** The statement in one of several kinds of literals. */
function execute(sql: string, at: number): string {
  const escaped = sql.replace(/(?<![:\w\\]):(?=\w)/g, '\\:');
  const plain = escaped.replaceAll('\\', '\\\\');
  if (at % 2 === 1 || escaped.includes('\n')) return `op.execute("""${plain} """)`;
  if (!/['"\\]/.test(escaped)) {
    const middle = escaped.indexOf(' ') + 1;
    return `op.execute("${escaped.slice(0, middle)}" '${escaped.slice(middle)}')`;
  }
  return `op.execute("${plain.replaceAll('"', '\\"')}")`;
}

test.each([
  ['b2', 'c3'],
  ['c3', 'b2'],
])(
  'the down of a branch brings back what its own ancestors made, whatever another did: %s, %s',
  (own, other) => {
    const revision = (id: string, parent: string, sql: string, down: string): ExampleFile => ({
      path: `migrations/${id}.py`,
      text: `from alembic import op\nrevision = '${id}'\ndown_revision = ${parent}\n\n\ndef upgrade():\n    op.execute("${sql}")\n\n\ndef downgrade():\n    ${down}\n`,
    });
    const files = [
      revision(
        'a1',
        'None',
        'CREATE TABLE t (id int, c varchar(20) DEFAULT 1)',
        "op.execute('DROP TABLE t')",
      ),
      revision(other, "'a1'", 'ALTER TABLE t ALTER c TYPE text, ALTER c SET DEFAULT 2', 'pass'),
      revision(own, "'a1'", 'ALTER TABLE t DROP c', 'pass'),
    ];
    const path = `migrations/${own}.py`;
    const analysis = analysisOf(files);
    const finding = analysis.findings(path).find(({ rule }) => rule === 'down-missing');
    expect(finding?.refusals).toEqual([]);
    const [fix] = finding?.fixes ?? [];
    const edits = fix && analysis.edits(fix, path, { now: () => NOW });
    const after = edits === undefined ? [] : applied(files, edits);
    expect(after.at(-1)?.text).toContain('ADD COLUMN c varchar(20) DEFAULT 1');
  },
);
