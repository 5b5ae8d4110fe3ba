import { describe, expect, test } from 'vitest';
import {
  installedAlembic,
  isAtLeast,
  listsRequirements,
  wantedAlembic,
} from '../../server/src/config/alembicVersion.ts';

describe('which alembic', () => {
  test.each([
    ['requirements.txt', 'SQLAlchemy==1.4.46\nalembic==1.8.1\n', '1.8.1'],
    ['requirements.txt', 'alembic-utils==0.8.2\nalembic>=1.7,<2  # the migrations\n', '1.7'],
    ['requirements.txt', 'alembic<2,>=1.9\n', '1.9'],
    ['requirements.txt', 'alembic[tz] ~= 1.13 ; python_version > "3.8"\n', '1.13'],
    ['requirements.txt', 'alembic\n', undefined],
    [
      'requirements.txt',
      '# alembic==1.2\nflask_alembic==2.0\nAlembic==1.4.0 \\\n    --hash=sha256:00\n',
      '1.4.0',
    ],
    [
      'pyproject.toml',
      '[project]\ndependencies = [\n  "sqlalchemy>=2",\n  "alembic>=1.16.1",\n]\n',
      '1.16.1',
    ],
    ['pyproject.toml', '[tool.poetry.dependencies]\nalembic = "^1.8"\n', '1.8'],
    [
      'pyproject.toml',
      '[tool.poetry.dependencies]\nalembic = {version = "^1.12", extras = ["tz"]}\n',
      '1.12',
    ],
    ['pyproject.toml', '[tool.alembic]\nscript_location = "2.0"\n', undefined],
    ['Pipfile', '[packages]\nalembic = "*"\n', undefined],
    ['setup.cfg', 'install_requires =\n    alembic >= 1.11\n', '1.11'],
    [
      'uv.lock',
      '[[package]]\nname = "alembic"\nversion = "1.13.2"\n\n[[package]]\nname = "mako"\nversion = "1.3"\n',
      '1.13.2',
    ],
    ['poetry.lock', '[[package]]\r\nname = "alembic"\r\nversion = "1.12.0"\r\n', '1.12.0'],
    ['Pipfile.lock', '{"default": {"alembic": {"hashes": ["sha256:0"], "version": "==1.8.1"}}}', '1.8.1'],
  ])('%s: %s', (name, text, expected) => {
    expect(wantedAlembic(name, text)).toBe(expected);
  });

  test.each([
    ['alembic-1.8.1.dist-info', '1.8.1'],
    ['alembic-1.16.5.dev0.dist-info', '1.16.5'],
    ['alembic_utils-0.8.2.dist-info', undefined],
    ['alembic', undefined],
  ])('site-packages/%s', (entry, expected) => {
    expect(installedAlembic(entry)).toBe(expected);
  });

  test('lists of requirements', () => {
    const names = ['requirements.txt', 'requirements-dev.txt', 'dev_requirements.in', 'README.txt'];
    expect(names.map(listsRequirements)).toEqual([true, true, true, false]);
  });

  test('releases are compared by their numbers', () => {
    expect(isAtLeast('1.8.1', '1.12.0')).toBe(false);
    expect(isAtLeast('1.12', '1.12.0')).toBe(true);
    expect(isAtLeast('2', '1.20.0')).toBe(true);
    expect(isAtLeast(undefined, '1.20.0')).toBe(true);
  });
});
