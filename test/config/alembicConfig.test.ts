import { describe, expect, test } from 'vitest';
import { readAlembicIni, readAlembicToml } from '../../server/src/config/alembicConfig.ts';

const environment = {
  section: 'alembic',
  scriptLocation: 'migrations',
  versionLocations: ['migrations/versions'],
  recursive: false,
  naming: { fileTemplate: '%(rev)s_%(slug)s', truncateSlugLength: 40 },
};

describe('alembic.ini', () => {
  test.each([
    ['a script location', 'script_location = migrations', {}],
    [
      'comments, other sections',
      '# x\nscript_location: migrations ; no comment\n[loggers]\nkeys = root',
      {
        scriptLocation: 'migrations ; no comment',
        versionLocations: ['migrations ; no comment/versions'],
      },
    ],
    [
      'here',
      'script_location = %(here)s/db',
      {
        scriptLocation: '/repo/db',
        versionLocations: ['/repo/db/versions'],
      },
    ],
    [
      'a package',
      'script_location = shop.db:migrations',
      {
        scriptLocation: 'shop/db/migrations',
        versionLocations: ['shop/db/migrations/versions'],
      },
    ],
    [
      'blanks and commas',
      'script_location = migrations\nversion_locations = a, b c',
      { versionLocations: ['a', 'b', 'c'] },
    ],
    [
      'os',
      'script_location = migrations\npath_separator = os\nversion_locations = a:%(here)s/b',
      {
        versionLocations: ['a', '/repo/b'],
      },
    ],
    [
      'newline',
      'script_location = migrations\npath_separator = newline\nversion_locations =\n  a b\n  c',
      {
        versionLocations: ['a b', 'c'],
      },
    ],
    [
      'the old separator',
      'script_location = migrations\nversion_path_separator = ;\nversion_locations = a;b',
      {
        versionLocations: ['a', 'b'],
      },
    ],
    ['recursion', 'script_location = migrations\nrecursive_version_locations = true', { recursive: true }],
    ['only "true" is', 'script_location = migrations\nrecursive_version_locations = yes', {}],
    [
      'a template',
      'script_location = migrations\nfile_template = %%(year)d_%%(slug)s\ntruncate_slug_length = 60\ntimezone = Europe/Rome',
      {
        naming: { fileTemplate: '%(year)d_%(slug)s', truncateSlugLength: 60, timezone: 'Europe/Rome' },
      },
    ],
  ])('%s', (_, text, expected) => {
    expect(readAlembicIni(`[alembic]\n${text}\n`, '/repo', false)).toEqual([{ ...environment, ...expected }]);
  });

  test('several sections are several environments, with what DEFAULT says', () => {
    const text =
      '[DEFAULT]\nbase = db\n[alembic]\nscript_location = %(base)s/a\n[other]\nscript_location = %(base)s/b\n';
    const found = readAlembicIni(text, '/repo', false).map(({ section, scriptLocation }) => [
      section,
      scriptLocation,
    ]);
    expect(found).toEqual([
      ['alembic', 'db/a'],
      ['other', 'db/b'],
    ]);
  });

  test('without a script location there is none', () => {
    expect(readAlembicIni('[alembic]\nsqlalchemy.url = x\n', '/repo', false)).toEqual([]);
    expect(readAlembicIni('', '/repo', true)).toEqual([]);
  });

  test('without one, beside env.py, it is the folder itself', () => {
    const text = '[alembic]\n%s\n[other]\nsqlalchemy.url = x\n';
    const found = (line: string) => readAlembicIni(text.replace('%s', line), '/repo/db', true);
    expect(found('version_locations = %(here)s/versions,%(here)s/more')).toEqual([
      {
        ...environment,
        scriptLocation: '.',
        versionLocations: ['/repo/db/versions', '/repo/db/more'],
      },
    ]);
    expect(found('script_location = x').map(({ scriptLocation }) => scriptLocation)).toEqual(['x']);
  });
});

describe('pyproject.toml', () => {
  test('strings, booleans and lists', () => {
    const text = `[project]
name = "x"

[tool.alembic]
# where
script_location = "%(here)s/migrations"
version_locations = [
    "a",
    '%(here)s/b', # two
]
recursive_version_locations = true
file_template = '%%(rev)s'
truncate_slug_length = 20

[tool.ruff]
script_location = "no"
`;
    expect(readAlembicToml(text, '/repo')).toEqual({
      ...environment,
      scriptLocation: '/repo/migrations',
      versionLocations: ['a', '/repo/b'],
      recursive: true,
      naming: { fileTemplate: '%(rev)s', truncateSlugLength: 20 },
    });
  });

  test('without the table there is none', () => {
    expect(readAlembicToml('[project]\nscript_location = "x"\n', '/repo')).toBeUndefined();
  });
});
