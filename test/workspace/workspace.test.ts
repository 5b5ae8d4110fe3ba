import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadParser } from '../../server/src/sql/parser.ts';
import { formatOf } from '../../server/src/workspace/formatOf.ts';
import { Workspace } from '../../server/src/workspace/workspace.ts';
import { MemoryFileSystem } from './memoryFileSystem.ts';

const sound = '-- +goose Up\nSELECT 1;\n';
const unterminated = '-- +goose Up\nSELECT 2\n';

beforeAll(loadParser);

class Desk {
  readonly changed: string[] = [];
  readonly log: string[] = [];
  readonly files: MemoryFileSystem;
  readonly workspace: Workspace;

  constructor(files: MemoryFileSystem) {
    this.files = files;
    this.workspace = new Workspace({
      files,
      formatOf,
      onChange: (folder) => this.changed.push(folder),
      log: (line) => this.log.push(line),
    });
  }

  /** The folders that were reported while this was done; not that their files had all been read before. */
  async changedBy(work: () => Promise<void>): Promise<readonly string[]> {
    await new Promise((resolve) => setImmediate(resolve));
    this.changed.length = 0;
    await work();
    return this.changed;
  }

  /** The findings of a file, as `rule start`; undefined when it is no migration. */
  async findings(path: string, whole = true): Promise<string[] | undefined> {
    const history = await this.workspace.historyOf(path, whole);
    return history?.findings(path).map(({ rule, span }) => `${rule} ${span.start}`);
  }

  async rules(path: string, whole = true): Promise<string[] | undefined> {
    return (await this.findings(path, whole))?.map((finding) => finding.split(' ')[0] ?? '');
  }
}

const desk = (contents: Record<string, string | Uint8Array>) => new Desk(new MemoryFileSystem(contents));

describe('Workspace', () => {
  it('serves the file that is asked for before it has read the others, and reads each once', async () => {
    const at = desk({ '/m/1_a.sql': sound, '/m/2_b.sql': sound, '/m/2_c.sql': sound });
    at.workspace.setOpen('/m/2_b.sql', sound);
    const history = await at.workspace.historyOf('/m/2_b.sql', false);
    expect(history?.complete).toBe(false);
    expect(await at.rules('/m/2_b.sql', false)).not.toContain('duplicate-version');
    if (history) at.workspace.loadInBackground(history);
    if (history) at.workspace.loadInBackground(history);
    await history?.load();
    await new Promise((resolve) => setImmediate(resolve));
    expect(at.changed).toEqual(['/m']);
    expect(await at.rules('/m/2_b.sql', false)).toContain('duplicate-version');
    expect(at.files.reads.get('/m/2_c.sql')).toBeLessThanOrEqual(2);
    expect(at.files.reads.get('/m/2_b.sql')).toBe(1);
  });

  it('lets the editor go before the disk, and the disk decide about its bytes', async () => {
    const at = desk({ '/m/1_a.sql': `\uFEFF${sound}`, '/m/2_b.sql': Uint8Array.from([0xff, 0x00]) });
    at.workspace.setOpen('/m/1_a.sql', unterminated);
    expect(await at.rules('/m/1_a.sql')).toEqual(
      expect.arrayContaining(['goose-annotation', 'goose-unterminated']),
    );
    at.workspace.setOpen('/m/2_b.sql', sound);
    expect(await at.rules('/m/2_b.sql')).toEqual(['unreadable-file']);
    at.files.write('/m/2_b.sql', sound);
    await at.workspace.filesChanged([{ path: '/m/2_b.sql', kind: 'changed' }]);
    expect(await at.rules('/m/2_b.sql')).toEqual([]);
    await at.workspace.close('/m/1_a.sql');
    expect(await at.rules('/m/1_a.sql')).not.toContain('goose-unterminated');
  });

  it('forgets a deleted file whose tab is still open, until somebody types in it', async () => {
    const at = desk({ '/m/2_b.sql': sound, '/m/2_c.sql': sound });
    at.workspace.setOpen('/m/2_b.sql', sound);
    at.workspace.setOpen('/m/2_c.sql', sound);
    expect(await at.rules('/m/2_b.sql')).toContain('duplicate-version');
    at.files.remove('/m/2_c.sql');
    const changed = await at.changedBy(() =>
      at.workspace.filesChanged([{ path: '/m/2_c.sql', kind: 'deleted' }]),
    );
    expect(changed).toEqual(['/m']);
    expect(await at.rules('/m/2_b.sql')).not.toContain('duplicate-version');
    expect(await at.rules('/m/2_c.sql')).toEqual([]);
    at.workspace.setOpen('/m/2_c.sql', `${sound}\n`);
    expect(await at.rules('/m/2_b.sql')).toContain('duplicate-version');
  });

  it('sees a folder become a migration folder, and cease to be one', async () => {
    const at = desk({ '/m/1_a.sql': 'SELECT 1;' });
    expect(await at.rules('/m/1_a.sql')).toBeUndefined();
    at.files.write('/m/2_b.sql', sound);
    await at.workspace.filesChanged([{ path: '/m/2_b.sql', kind: 'created' }]);
    expect(await at.rules('/m/1_a.sql')).toContain('goose-annotation');
    at.files.remove('/m/2_b.sql');
    await at.workspace.filesChanged([{ path: '/m/2_b.sql', kind: 'deleted' }]);
    expect(await at.rules('/m/1_a.sql')).toBeUndefined();
  });

  it('keeps a folder while its only annotation is being typed', async () => {
    const at = desk({ '/m/1_a.sql': sound });
    at.workspace.setOpen('/m/1_a.sql', sound);
    expect(await at.rules('/m/1_a.sql')).toEqual([]);
    at.workspace.setOpen('/m/1_a.sql', 'SELECT 1;');
    expect(await at.rules('/m/1_a.sql')).toContain('goose-annotation');
  });

  it('takes up another configuration, for the folders below it only', async () => {
    const at = desk({ '/a/m/1_a.sql': unterminated, '/b/m/1_a.sql': unterminated });
    expect(await at.rules('/a/m/1_a.sql')).toContain('goose-unterminated');
    expect(await at.rules('/b/m/1_a.sql')).toContain('goose-unterminated');
    at.files.write('/a/skein.json', '{"rules": {"goose-unterminated": "off", "no-such-rule": "off"}}');
    const changed = await at.changedBy(() =>
      at.workspace.filesChanged([{ path: '/a/skein.json', kind: 'created' }]),
    );
    expect(changed).toEqual(['/a/m']);
    expect(await at.rules('/a/m/1_a.sql')).not.toContain('goose-unterminated');
    expect(await at.rules('/b/m/1_a.sql')).toContain('goose-unterminated');
    expect(at.log).toEqual(['/a/skein.json: "no-such-rule" is no rule of this version of Skein']);
  });

  it.each(['alembic.ini', 'pyproject.toml', 'uv.lock', 'requirements-dev.txt', 'script.py.mako'])(
    'looks at the folders below again where %s has changed',
    async (name) => {
      const revision = 'revision = "a"\ndown_revision = None\ndef upgrade():\n    pass\n';
      const at = desk({ '/p/versions/a_a.py': revision, '/q/versions/b_b.py': revision });
      expect(await at.rules('/p/versions/a_a.py')).toBeDefined();
      expect(await at.rules('/q/versions/b_b.py')).toBeDefined();
      at.files.write(`/p/${name}`, '');
      const changed = await at.changedBy(() =>
        at.workspace.filesChanged([{ path: `/p/${name}`, kind: 'created' }]),
      );
      expect(changed).toEqual(['/p/versions']);
    },
  );

  it('notices that a whole directory is gone, or cannot be read', async () => {
    const at = desk({ '/r/m/1_a.sql': sound, '/x': '' });
    at.workspace.setOpen('/r/m/1_a.sql', sound);
    expect(await at.rules('/r/m/1_a.sql')).toEqual([]);
    at.files.remove('/r');
    const changed = await at.changedBy(() => at.workspace.filesChanged([{ path: '/r', kind: 'deleted' }]));
    expect(changed).toEqual(['/r/m']);
    expect(await at.rules('/r/m/1_a.sql')).toBeUndefined();
    at.files.block('/closed', 'no-permission');
    expect(await at.rules('/closed/1_a.sql')).toBeUndefined();
    expect(at.log).toEqual([
      '/r/m cannot be read: it is no longer there',
      '/closed cannot be read: permission denied',
    ]);
  });

  it('tells a file that vanishes while the folder is read', async () => {
    const at = desk({ '/m/1_a.sql': sound, '/m/2_b.sql': sound });
    const history = await at.workspace.historyOf('/m/1_a.sql', false);
    at.files.remove('/m/2_b.sql');
    await history?.load();
    expect(await at.rules('/m/2_b.sql')).toEqual(['unreadable-file']);
  });

  it('ends up, after any changes, where a fresh look at the disk and the editor would', async () => {
    const path = fc.constantFrom('/m/1_a.sql', '/m/2_b.sql', '/m/2_c.sql', '/m/3_d.sql');
    const text = fc.constantFrom(
      sound,
      unterminated,
      `\uFEFF${sound}`,
      '-- +goose Up\nCREATE TABLE t (id int);\n',
      '',
    );
    const change = fc.oneof(
      fc.record({ act: fc.constant('edit' as const), path, text }),
      fc.record({ act: fc.constant('write' as const), path, text }),
      fc.record({ act: fc.constant('remove' as const), path, text }),
      fc.record({ act: fc.constant('close' as const), path, text }),
      fc.record({ act: fc.constant('ask' as const), path, text }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 12 }), async (changes) => {
        const at = desk({ '/m/0_keep.sql': sound, '/m/2_b.sql': sound });
        const open = new Map<string, string>();
        // Not awaited one by one: changes overtake each other's reading, as they do in an editor.
        const running: Promise<unknown>[] = [];
        for (const { act, path, text } of changes) {
          if (act === 'edit') {
            open.set(path, text);
            at.workspace.setOpen(path, text);
          } else if (act === 'close') {
            if (open.delete(path)) running.push(at.workspace.close(path));
          } else if (act === 'ask') running.push(at.workspace.historyOf(path, true));
          else if (act === 'remove') {
            // A tab of a deleted file is closed, or its text would count by what was known of it.
            if (open.delete(path)) running.push(at.workspace.close(path));
            at.files.remove(path);
            running.push(at.workspace.filesChanged([{ path, kind: 'deleted' }]));
          } else {
            const kind = at.files.contents.has(path) ? 'changed' : 'created';
            at.files.write(path, text);
            running.push(at.workspace.filesChanged([{ path, kind }]));
          }
        }
        await Promise.all(running);
        const fresh = new Desk(at.files);
        for (const [path, text] of open) fresh.workspace.setOpen(path, text);
        for (const path of ['/m/0_keep.sql', '/m/1_a.sql', '/m/2_b.sql', '/m/2_c.sql', '/m/3_d.sql']) {
          expect(await at.findings(path), path).toEqual(await fresh.findings(path));
        }
      }),
      { numRuns: 300 },
    );
  });
});
