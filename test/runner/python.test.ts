import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findPython, type PythonWishes } from '../../server/src/runner/python.ts';
import { RunRefused } from '../../server/src/runner/runRefused.ts';

/** Programs that answer as a Python with alembic of this release does, or as one without. */
function python(path: string, release: string | undefined): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, release === undefined ? '#!/bin/sh\nexit 1\n' : `#!/bin/sh\necho ${release}\n`);
  chmodSync(path, 0o755);
  return path;
}

let root: string;
let path: string | undefined;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'skein-python-'));
  path = process.env.PATH;
  process.env.PATH = `${join(root, 'bin')}:/bin`;
});
afterEach(() => {
  process.env.PATH = path;
  rmSync(root, { recursive: true });
});

async function found(wishes: Partial<PythonWishes> = {}): Promise<string | undefined> {
  const command = await findPython(join(root, 'service'), { root, ...wishes });
  return command && `${command.release} ${command.reason}`;
}

test('the first that has alembic, in order', async () => {
  mkdirSync(join(root, 'service'));
  expect(await found()).toBeUndefined();
  python(join(root, 'bin/python3'), '1.1.0');
  expect(await found()).toBe('1.1.0 of PATH');
  python(join(root, 'bin/poetry'), '1.2.0');
  expect(await found()).toBe('1.1.0 of PATH');
  writeFileSync(join(root, 'poetry.lock'), '');
  expect(await found()).toBe('1.2.0 through poetry');
  python(join(root, 'bin/uv'), '1.3.0');
  writeFileSync(join(root, 'service/uv.lock'), '');
  expect(await found()).toBe('1.3.0 through uv');
  python(join(root, 'venv/bin/python'), '1.4.0');
  expect(await found()).toBe('1.4.0 of venv');
  python(join(root, 'service/.venv/bin/python'), undefined);
  expect(await found()).toBe('1.4.0 of venv');
  python(join(root, 'service/.venv/bin/python'), '1.5.0');
  expect(await found()).toBe('1.5.0 of .venv');
  const selected = python(join(root, 'selected'), '1.6.0');
  expect(await found({ selected })).toBe('1.6.0 selected in the Python extension');
  python(join(root, 'own/python'), '1.7.0');
  expect(await found({ selected, setting: 'own/python' })).toBe('1.7.0 from the setting skein.python');
  // What was asked for by name is not passed over.
  await expect(found({ selected, setting: 'nowhere/python' })).rejects.toThrow(RunRefused);
});
