import { spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { run } from '../../server/src/cli/commandLine.ts';
import type { Terminal } from '../../server/src/cli/terminal.ts';
import { doors } from '../doors.ts';
import { GitRepository } from '../gitRepository.ts';

const sound = '-- +goose Up\nSELECT 1;\n';
const unterminated = '-- +goose Up\nSELECT 2\n';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'skein-cli-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
}

const read = (name: string) => readFileSync(join(folder, name), 'utf8');

interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly error: string;
}

/** Runs `skein` in the folder, without colours unless the environment says so. */
async function skein(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> {
  const { cli } = await doors();
  const { FORCE_COLOR, NO_COLOR, ...inherited } = process.env;
  const child = spawn(process.execPath, [cli, ...args], {
    cwd: folder,
    env: { ...inherited, ...env },
    stdio: 'pipe',
  });
  child.stdin.end();
  let out = '';
  let error = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    error += text;
  });
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, out, error })));
}

interface JsonFinding {
  readonly path: string;
  readonly rule: string;
  readonly severity: string;
  readonly range: {
    readonly start: { line: number; column: number };
    readonly end: { line: number; column: number };
  };
  readonly fixes: readonly {
    readonly grade: string;
    readonly edits: readonly { path: string; newText: string }[];
  }[];
}

/** Runs `skein` in this process, which is faster, and has another working directory: paths have to be absolute. */
async function inProcess(args: readonly string[]): Promise<Ran> {
  let out = '';
  let error = '';
  const terminal: Terminal = {
    out: (text) => {
      out += text;
    },
    error: (text) => {
      error += text;
    },
    colour: false,
    width: 100,
  };
  const code = await run(args, terminal);
  return { code, out, error };
}

/** What `skein lint` finds in these places of the folder; paths as seen from the folder. */
async function json(...places: string[]): Promise<JsonFinding[]> {
  const paths = (places.length > 0 ? places : ['']).map((place) =>
    place.startsWith('-') ? place : join(folder, place),
  );
  const { out, error } = await inProcess(['lint', '--format', 'json', ...paths]);
  expect(error).toBe('');
  const { findings, ...others } = JSON.parse(out.replaceAll(`${folder}/`, ''));
  expect(others).toEqual({});
  return findings;
}

const ruleAt = (findings: readonly JsonFinding[], rule: string) =>
  findings.find((finding) => finding.rule === rule);

describe('skein', () => {
  it('says what it is', async () => {
    expect(await skein(['--version'])).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
      error: '',
    });
    const help = { code: 0, out: expect.stringContaining('skein lint [PATH…]'), error: '' };
    expect(await inProcess(['--help'])).toMatchObject(help);
    expect(await inProcess(['lint', '--help'])).toMatchObject(help);
  });

  it('says in one line why it cannot run, and ends with 2', async () => {
    expect(await skein(['lint'])).toEqual({
      code: 2,
      out: '',
      error: 'skein: no migrations found in the working directory\n',
    });
  });

  it.each([
    [[], 'no command'],
    [['lnt'], 'unknown command "lnt"'],
    [['constructor'], 'unknown command "constructor"'],
    [['lint', '--colour'], "Unknown option '--colour'"],
    [['lint', '--format', 'xml'], '--format must be one of text, json, sarif, github, gitlab, not "xml"'],
    [
      ['lint', '--fail-on', 'hint'],
      '--fail-on must be one of error, warning, information, never, not "hint"',
    ],
    [['lint', '--fail-on'], "'--fail-on <value>' argument missing"],
    [['lint', 'FOLDER/missing'], 'FOLDER/missing: no such file or directory'],
    [['fix', 'FOLDER/missing.sql'], 'FOLDER/missing.sql: no such file or directory'],
    [['lint', 'FOLDER/empty'], 'no migrations found in FOLDER/empty'],
    [['lint', 'FOLDER/queries/1.sql'], 'FOLDER/queries/1.sql is no migration'],
    [['lint', 'FOLDER/empty', '--config', 'FOLDER/no.json'], 'FOLDER/no.json: no such file'],
    [['fix', '--rule', 'no-such-rule'], 'there is no rule "no-such-rule"'],
    [['lsp'], 'skein lsp --stdio'],
  ])('%j cannot run', async (args, reason) => {
    write({ 'queries/1.sql': 'SELECT 1;', 'empty/readme.md': '' });
    const { code, out, error } = await inProcess(args.map((arg) => arg.replace('FOLDER', folder)));
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(error).toMatch(/^skein: .+\n$/);
    expect(error).toContain(reason.replace('FOLDER', folder));
  });

  it('cannot run with a configuration it cannot read, but with one that says too much', async () => {
    write({ 'db/1_a.sql': sound, 'skein.json': '{\n  "rules": 1\n}' });
    expect(await skein(['lint'])).toEqual({
      code: 2,
      out: '',
      error: 'skein: skein.json:2:12: rules must be an object\n',
    });
    write({ 'skein.json': '{"rules": {"no-such-rule": "off"}}' });
    const { error: about } = await inProcess(['lint', folder]);
    expect(about).toMatch(/skein.json:1:12: "no-such-rule" is no rule of this version of Skein\n$/);
    write({ 'skein.json': '{"rulez": {}}' });
    const { code, error } = await inProcess(['lint', folder]);
    expect(code).toBe(0);
    expect(error).toMatch(/^skein: .*skein.json:1:2: "rulez" is no key .+\n$/);
  });
});

describe('skein lint', () => {
  it('exits by --fail-on', async () => {
    write({ 'db/1_a.sql': unterminated });
    expect((await skein(['lint'])).code).toBe(1);
    expect((await inProcess(['lint', folder, '--fail-on', 'warning'])).code).toBe(1);
    expect((await inProcess(['lint', folder, '--fail-on', 'never'])).code).toBe(0);
    write({ 'db/1_a.sql': sound });
    expect((await skein(['lint'])).code).toBe(0);
  });

  it('prints one JSON object, lines and columns from 1', async () => {
    write({ 'db/1_a.sql': unterminated });
    const finding = ruleAt(await json(), 'goose-unterminated');
    expect(Object.keys(finding ?? {})).toEqual([
      'path',
      'rule',
      'severity',
      'message',
      'why',
      'range',
      'fixes',
    ]);
    expect(finding).toMatchObject({
      path: 'db/1_a.sql',
      severity: 'error',
      range: { end: { line: 2, column: 9 } },
      fixes: [
        {
          title: expect.any(String),
          grade: 'safe',
          edits: [
            {
              path: 'db/1_a.sql',
              range: { start: { line: 2, column: 9 }, end: { line: 2, column: 9 } },
              newText: ';',
            },
          ],
          creates: [],
          renames: [],
        },
      ],
    });
    write({ 'db/1_a.sql': sound });
    expect((await skein(['lint', '--format', 'json'])).code).toBe(0);
  });

  it('writes paths as the argument was', async () => {
    write({ 'db/1_a.sql': unterminated });
    const paths = async (...args: string[]) => {
      const { out } = await skein(['lint', '--format', 'json', ...args]);
      const findings: JsonFinding[] = JSON.parse(out).findings;
      return findings.flatMap(({ path, fixes }) => [
        path,
        ...(fixes[0]?.edits ?? []).map((edit) => edit.path),
      ]);
    };
    const relative = ['db/1_a.sql', 'db/1_a.sql'];
    expect(await paths()).toEqual(relative);
    expect(await paths('./db/', 'db/../db/1_a.sql')).toEqual(relative);
    expect(await paths(folder)).toEqual(relative.map((path) => join(folder, path)));
  });

  it('reads the whole folder of a file, and speaks of that file only', async () => {
    write({ 'db/1_a.sql': sound, 'db/2_b.sql': sound, 'db/2_c.sql': unterminated });
    const findings = await json('db/2_b.sql');
    expect(new Set(findings.map(({ path }) => path))).toEqual(new Set(['db/2_b.sql']));
    expect(ruleAt(findings, 'duplicate-version')).toBeDefined();
    const both = await json('db/2_b.sql', 'db/1_a.sql');
    expect(both.some(({ path }) => path === 'db/2_c.sql')).toBe(false);
  });

  it('keeps folders apart, and tells each file once however often it is named', async () => {
    write({ 'a/db/1_a.sql': unterminated, 'b/db/1_b.sql': sound });
    const findings = await json('.', 'a', 'a/db/1_a.sql');
    expect(findings.filter(({ rule }) => rule === 'goose-unterminated').length).toBe(1);
    expect(ruleAt(findings, 'duplicate-version')).toBeUndefined();
  });

  it('shows frames, and colours only where they can be seen', async () => {
    write({ 'db/1_a.sql': unterminated });
    const plain = await skein(['lint']);
    expect(plain.out).toContain('db/1_a.sql:2:8: error: ');
    expect(plain.out).toContain('\n  > 2 | SELECT 2\n');
    expect(plain.out).toMatch(/\n\d+ errors?.* in 1 migration\. 1 can be fixed with "skein fix"\.\n$/);
    expect(plain.out).not.toContain('\x1b');
    const coloured = await skein(['lint'], { FORCE_COLOR: '1' });
    expect(coloured.out.replaceAll(/\x1b\[\d+m/g, '')).toBe(plain.out);
    expect(coloured.out).toContain('\x1b[31merror');
  });

  it('takes the configuration it is given', async () => {
    write({
      'sql/1_a.sql': 'SELEC 1;\n',
      'other/skein.json': '{"folders": [{"path": "../sql", "tool": "plain"}]}',
    });
    expect((await skein(['lint', 'sql'])).code).toBe(2);
    expect(ruleAt(await json('sql', '--config', 'other/skein.json'), 'syntax-error')?.path).toBe(
      'sql/1_a.sql',
    );
  });

  it('tells bad input as findings, and goes on with the other files', async () => {
    write({
      'db/1_binary.sql': Uint8Array.from([0, 1, 2, 0xff]),
      'db/2_latin1.sql': Buffer.from("-- +goose Up\nSELECT '\xe9';\n", 'latin1'),
      'db/3_bom.sql': `\uFEFF${sound}`,
      'db/4_b.sql': unterminated.replaceAll('\n', '\r\n'),
      'db/5_deep.sql': `-- +goose Up\nSELECT ${'('.repeat(10_000)}1${')'.repeat(10_000)};\n`,
    });
    const findings = await json();
    const rules = (path: string) =>
      findings.filter((finding) => finding.path === path).map(({ rule }) => rule);
    expect(rules('db/1_binary.sql')).toContain('unreadable-file');
    expect(rules('db/2_latin1.sql')).toContain('unreadable-file');
    expect(rules('db/3_bom.sql')).toContain('goose-annotation');
    expect(rules('db/4_b.sql')).toContain('goose-unterminated');
    expect(rules('db/5_deep.sql').length).toBeGreaterThan(0);
  });

  it('does not complain when its reader goes away', async () => {
    write({ 'db/1_a.sql': unterminated.repeat(500) });
    const { cli } = await doors();
    const child = spawn(process.execPath, [cli, 'lint'], { cwd: folder, stdio: 'pipe' });
    child.stdout.destroy();
    let error = '';
    child.stderr.on('data', (text) => {
      error += text;
    });
    await new Promise((resolve) => child.on('close', resolve));
    expect(error).toBe('');
  });
});

describe('skein lint --since', () => {
  const since = async (ref: string, ...places: string[]) =>
    inProcess(['lint', '--format', 'json', '--since', ref, ...places.map((place) => join(folder, place))]);
  const paths = async (ref: string, ...places: string[]) => {
    const { out, error } = await since(ref, ...places);
    expect(error).toBe('');
    const { findings }: { findings: JsonFinding[] } = JSON.parse(out.replaceAll(`${folder}/`, ''));
    return [...new Set(findings.map(({ path }) => path))];
  };

  it('speaks of files that are new or changed since the branch left it, in full', async () => {
    const repository = new GitRepository(folder).commit({
      'db/1_a.sql': unterminated,
      'db/2_b.sql': unterminated,
      'db/3_c.sql': sound,
    });
    repository.git('checkout', '--quiet', '-b', 'feature');
    repository.write({ 'db/2_b.sql': `${unterminated}\n`, 'db/4_d.sql': unterminated });
    expect(await paths('main', '')).toEqual(['db/2_b.sql', 'db/4_d.sql']);
    expect(await paths('main', 'db/4_d.sql', 'db/1_a.sql')).toEqual(['db/4_d.sql']);
    repository.commit({}).git('checkout', '--quiet', 'main').commit({ 'db/1_a.sql': sound });
    repository.git('checkout', '--quiet', 'feature');
    expect(await paths('main', '')).toEqual(['db/2_b.sql', 'db/4_d.sql']);
    expect(await paths('HEAD', '')).toEqual([]);
    const { code, out } = await inProcess(['lint', '--since', 'HEAD', folder]);
    expect({ code, out }).toEqual({ code: 0, out: 'No migration is new or changed since HEAD.\n' });
  });

  it('looks at all folders of one history', async () => {
    const revision = (id: string, parent: string) =>
      `revision = "${id}"\ndown_revision = ${parent}\n\n\ndef upgrade():\n    pass\n\n\ndef downgrade():\n    pass\n`;
    const repository = new GitRepository(folder).commit({
      'alembic.ini': '[alembic]\nscript_location = db\nversion_locations = db/core db/plugin\n',
      'db/core/a1_x.py': revision('a1', 'None'),
      'db/plugin/b2_x.py': revision('b2', '"a1"'),
    });
    repository.git('checkout', '--quiet', '-b', 'feature');
    repository.commit({ 'db/core/c3_x.py': revision('c3', '"b2"') });
    repository.git('checkout', '--quiet', 'main');
    repository.commit({ 'db/plugin/d4_x.py': revision('d4', '"b2"') });
    repository.git('checkout', '--quiet', 'feature');
    const { findings } = JSON.parse((await since('main', '')).out.replaceAll(`${folder}/`, ''));
    const behind = findings.filter(({ rule }: JsonFinding) => rule === 'alembic-branch-behind-base');
    expect(behind.map(({ path }: JsonFinding) => path)).toEqual(['db/core/c3_x.py']);
  });

  it('holds new versions against those of the other branch', async () => {
    const repository = new GitRepository(folder).commit({ 'db/1_a.sql': sound });
    repository.git('checkout', '--quiet', '-b', 'feature').commit({ 'db/2_b.sql': sound });
    repository.git('checkout', '--quiet', 'main').commit({ 'db/3_c.sql': sound });
    repository.git('checkout', '--quiet', 'feature');
    const { findings } = JSON.parse((await since('main', '')).out);
    expect(findings).toContainEqual(
      expect.objectContaining({
        rule: 'out-of-order-version',
        fixes: [
          expect.objectContaining({
            renames: [{ from: join(folder, 'db/2_b.sql'), to: join(folder, 'db/4_b.sql') }],
          }),
        ],
      }),
    );
  });

  it('cannot run without a repository, or a commit of that name', async () => {
    write({ 'db/1_a.sql': sound });
    expect(await skein(['lint', '--since', 'main'])).toEqual({
      code: 2,
      out: '',
      error: 'skein: --since needs a git repository, which db is not in\n',
    });
    new GitRepository(folder).commit({});
    for (const ref of ['no-such', 'main..x', '']) {
      const { code, error } = await since(ref, '');
      expect({ code, error }).toEqual({ code: 2, error: `skein: --since: git knows no commit "${ref}"\n` });
    }
    expect((await skein(['lint', '--since', 'main'], { PATH: '/nowhere' })).error).toBe(
      'skein: --since needs git, which is not installed\n',
    );
  });

  it('reads a repository from inside a hook, which names another one', async () => {
    new GitRepository(folder).commit({ 'db/1_a.sql': unterminated }).write({ 'db/2_b.sql': unterminated });
    const { out } = await skein(['lint', '--since', 'HEAD', '--format', 'json'], {
      GIT_DIR: '.git',
      GIT_INDEX_FILE: 'x',
    });
    expect(out).toContain('db/2_b.sql');
    expect(out).not.toContain('db/1_a.sql');
  });
});

describe('skein fix', () => {
  const broken = '-- +goose up now\r\nDO $$\r\nBEGIN\r\n  PERFORM 1;\r\nEND $$;\r\nSELECT 1\r\n';

  it('writes what is safe until nothing is left, and keeps mode, line ends and byte order mark', async () => {
    write({ 'db/1_a.sql': broken, 'db/2_b.sql': sound });
    chmodSync(join(folder, 'db/1_a.sql'), 0o640);
    const { code, out } = await skein(['fix']);
    expect(code).toBe(0);
    expect(out).toMatch(/\n3 safe fixes applied in 1 file\.\n$/);
    expect(read('db/1_a.sql')).toBe(
      '-- +goose Up\r\n-- +goose StatementBegin\r\nDO $$\r\nBEGIN\r\n  PERFORM 1;\r\nEND $$;\r\n-- +goose StatementEnd\r\nSELECT 1;\r\n',
    );
    expect(statSync(join(folder, 'db/1_a.sql')).mode & 0o777).toBe(0o640);
    expect(await skein(['fix'])).toEqual({ code: 0, out: 'Nothing to fix.\n', error: '' });
    write({ 'db/1_a.sql': `\uFEFF${unterminated}` });
    await skein(['fix', '--rule', 'goose-unterminated']);
    expect(read('db/1_a.sql')).toBe(`\uFEFF${unterminated.replace(/\n$/, ';\n')}`);
  });

  it('shows a diff and writes nothing with --dry-run', async () => {
    write({ 'db/1_a.sql': unterminated });
    const { code, out, error } = await skein(['fix', '--dry-run']);
    expect(code).toBe(0);
    expect(out).toBe(
      '--- a/db/1_a.sql\n+++ b/db/1_a.sql\n@@ -1,2 +1,2 @@\n -- +goose Up\n-SELECT 2\n+SELECT 2;\n',
    );
    expect(error).toBe('1 safe fix would be applied in 1 file.\n');
    expect(read('db/1_a.sql')).toBe(unterminated);
  });

  it('keeps to the rules and the files it is told', async () => {
    write({ 'db/1_a.sql': unterminated, 'db/2_b.sql': broken });
    await skein(['fix', '--rule', 'goose-annotation', '--rule', 'goose-statement-block', 'db/2_b.sql']);
    expect(read('db/1_a.sql')).toBe(unterminated);
    expect(read('db/2_b.sql')).toContain('-- +goose StatementEnd\r\nSELECT 1\r\n');
  });

  it('leaves alone what cannot be read', async () => {
    const latin1 = Buffer.from("-- +goose Up\nSELECT '\xe9'\n", 'latin1');
    write({ 'db/1_a.sql': latin1 });
    expect(await skein(['fix'])).toMatchObject({ code: 0, out: 'Nothing to fix.\n' });
    expect(readFileSync(join(folder, 'db/1_a.sql'))).toEqual(latin1);
    expect(existsSync(join(folder, 'db/1_a.sql.skein'))).toBe(false);
  });
});
