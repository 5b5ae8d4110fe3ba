import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigFiles } from '../../server/src/workspace/configFiles.ts';
import { discover } from '../../server/src/workspace/discovery.ts';
import { nodeFileSystem, replaceFile } from '../../server/src/workspace/nodeFileSystem.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'skein-files-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const obstacleTo = (name: string) =>
  nodeFileSystem.readFile(join(folder, name)).then(
    () => 'none',
    (error) => error.obstacle,
  );

describe('nodeFileSystem', () => {
  it('says why a path cannot be read, and does not wait at a pipe', async () => {
    symlinkSync('nowhere', join(folder, 'dangling.sql'));
    symlinkSync('loop.sql', join(folder, 'loop.sql'));
    mkdirSync(join(folder, 'directory.sql'));
    execFileSync('mkfifo', [join(folder, 'pipe.sql')]);
    expect(await obstacleTo('gone.sql')).toBe('vanished');
    expect(await obstacleTo('dangling.sql')).toBe('dangling');
    expect(await obstacleTo('loop.sql')).toBe('dangling');
    expect(await obstacleTo('directory.sql')).toBe('not-a-file');
    expect(await obstacleTo('pipe.sql')).toBe('not-a-file');
    expect(await nodeFileSystem.readDirectory(folder)).toEqual([
      { name: 'dangling.sql', kind: 'file' },
      { name: 'directory.sql', kind: 'directory' },
      { name: 'loop.sql', kind: 'file' },
      { name: 'pipe.sql', kind: 'other' },
    ]);
  });

  it('reads no more than it is asked for', async () => {
    writeFileSync(join(folder, 'a'), 'abcdef');
    expect(await nodeFileSystem.readFile(join(folder, 'a'), 3)).toEqual(new TextEncoder().encode('abc'));
    expect(Buffer.from(await nodeFileSystem.readFile(join(folder, 'a'), 6)).toString()).toBe('abcdef');
  });

  it('lets a search end where links go in circles', async () => {
    mkdirSync(join(folder, 'a'));
    writeFileSync(join(folder, 'a', '1_a.sql'), '-- +goose Up\n');
    symlinkSync('..', join(folder, 'a', 'up'));
    const { folders } = await discover(folder, nodeFileSystem, new ConfigFiles(nodeFileSystem));
    expect(folders.map(({ path }) => path)).toEqual([join(folder, 'a')]);
  });
});

describe('replaceFile', () => {
  it('keeps mode and link, and leaves nothing beside the file', async () => {
    const file = join(folder, 'a.sql');
    writeFileSync(file, 'old');
    chmodSync(file, 0o640);
    symlinkSync('a.sql', join(folder, 'link.sql'));
    await replaceFile(join(folder, 'link.sql'), new TextEncoder().encode('new'));
    expect(readFileSync(file, 'utf8')).toBe('new');
    expect(statSync(file).mode & 0o777).toBe(0o640);
    expect(readdirSync(folder)).toEqual(['a.sql', 'link.sql']);
  });

  it('creates nothing where nothing was', async () => {
    await expect(replaceFile(join(folder, 'gone.sql'), new Uint8Array())).rejects.toMatchObject({
      obstacle: 'vanished',
    });
    expect(readdirSync(folder)).toEqual([]);
  });
});
