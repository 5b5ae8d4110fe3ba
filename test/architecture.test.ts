import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative, resolve, sep } from 'node:path';
import { describe, expect, test } from 'vitest';

/**
 * Who may know whom: the rooms of the house (README, "Architecture"), lowest first. `rooms` are the other rooms whose
 * files a room may import, type imports included; `packages` what it may import from outside.
 */
const house: Record<string, { readonly rooms: readonly string[]; readonly packages: readonly string[] }> = {
  'server/src/sql': {
    rooms: [],
    packages: ['libpg-query', 'sql-formatter', '@pgsql/types'],
  },
  // Positions are Spans everywhere.
  'server/src/python': { rooms: ['sql'], packages: ['@lezer/common', '@lezer/python'] },
  'server/src/config': { rooms: ['sql'], packages: [] },
  'server/src/migrations': { rooms: ['sql', 'python', 'config'], packages: ['node:crypto'] },
  'server/src/catalog': { rooms: ['sql', 'config', 'migrations'], packages: ['@pgsql/types'] },
  'server/src/effects': { rooms: ['sql', 'config', 'migrations', 'catalog'], packages: ['@pgsql/types'] },
  'server/src/replay': {
    rooms: ['sql', 'config', 'migrations', 'catalog', 'effects'],
    packages: ['@pgsql/types'],
  },
  'server/src/rewrites': {
    rooms: ['sql', 'config', 'migrations', 'catalog', 'effects', 'replay'],
    packages: ['@pgsql/types'],
  },
  'server/src/rules': {
    rooms: ['sql', 'config', 'migrations', 'catalog', 'effects', 'replay', 'rewrites'],
    packages: ['@pgsql/types'],
  },
  'server/src/analysis': {
    rooms: ['sql', 'config', 'migrations', 'catalog', 'effects', 'replay', 'rewrites', 'rules'],
    packages: [],
  },
  'server/src/workspace': {
    rooms: ['sql', 'config', 'migrations', 'rules', 'analysis'],
    packages: ['node:'],
  },
  'server/src/database': { rooms: ['config'], packages: ['node:', 'pg', '@electric-sql/pglite'] },
  'server/src/runner': {
    rooms: ['sql', 'config', 'migrations', 'catalog', 'effects', 'replay', 'database'],
    packages: ['node:'],
  },
  'server/src/languageServer': {
    rooms: [
      'sql',
      'config',
      'migrations',
      'catalog',
      'replay',
      'rules',
      'analysis',
      'workspace',
      'database',
      'runner',
    ],
    packages: ['node:', 'vscode-languageserver', 'vscode-languageserver-textdocument'],
  },
  // `skein lsp` opens the other door.
  'server/src/cli': {
    rooms: [
      'sql',
      'config',
      'migrations',
      'catalog',
      'replay',
      'rules',
      'analysis',
      'workspace',
      'database',
      'runner',
      'languageServer',
    ],
    packages: ['node:'],
  },
  // Starts the two doors above from their bundles.
  'server/src/startup': { rooms: [], packages: ['node:'] },
  'client/src': { rooms: [], packages: ['node:', 'vscode', 'vscode-languageclient'] },
};

/** Single files of other rooms, or of none: the messages between two programs, the version they report. */
const files: Record<string, readonly string[]> = {
  'client/src': ['server/src/languageServer/protocol.ts'],
  'server/src/languageServer': ['package.json'],
  'server/src/cli': ['package.json'],
};

interface Import {
  readonly specifier: string;
  readonly typeOnly: boolean;
  /** When the call is reached. */
  readonly late: boolean;
}

interface Source {
  /** From the repository's root, `/` between parts. */
  readonly path: string;
  readonly imports: readonly Import[];
}

function roomOf(path: string): string {
  const parts = path.split('/');
  return parts.slice(0, parts[0] === 'client' ? 2 : 3).join('/');
}

/** Every import, export … from, and import() of a module. Comments are left out first: they may quote code. */
function importsOf(text: string): Import[] {
  const code = text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
  const statements =
    /^\s*(?:import|export)\s(type\s)?(?:[\w*\s{},$]*\sfrom\s)?\s*['"]([^'"]+)['"]|\b(?:import|require)\(\s*['"]([^'"]+)['"]\s*\)/gm;
  return [...code.matchAll(statements)].map(([, type, from, call]) => ({
    specifier: from ?? call ?? '',
    typeOnly: type !== undefined,
    late: call !== undefined,
  }));
}

function target(source: Source, specifier: string): string | undefined {
  return specifier.startsWith('.') ? posix.join(posix.dirname(source.path), specifier) : undefined;
}

/** What breaks the rules of the house, one sentence each. */
function violations(sources: readonly Source[]): string[] {
  return [...sources.flatMap(forbiddenImports), ...cycles(sources)];
}

function forbiddenImports(source: Source): string[] {
  const room = roomOf(source.path);
  const allowed = house[room];
  if (allowed === undefined) return [`${source.path} is in no known room`];
  return source.imports.flatMap(({ specifier }) => {
    const file = target(source, specifier);
    const held = file === undefined ? packageAllowed(allowed.packages, specifier) : fileAllowed(room, file);
    return held ? [] : [`${source.path} may not import ${specifier}`];
  });
}

function packageAllowed(packages: readonly string[], specifier: string): boolean {
  return packages.some((name) =>
    name.endsWith(':') ? specifier.startsWith(name) : specifier === name || specifier.startsWith(`${name}/`),
  );
}

function fileAllowed(room: string, file: string): boolean {
  const other = roomOf(file);
  if (other === room || files[room]?.includes(file)) return true;
  return house[room]?.rooms.some((name) => other === `server/src/${name}`) ?? false;
}

/** Files that need each other to load. Types are erased, so a cycle of types alone is none. */
function cycles(sources: readonly Source[]): string[] {
  const needs = new Map(
    sources.map((source) => [
      source.path,
      source.imports.flatMap(({ specifier, typeOnly }) =>
        typeOnly ? [] : (target(source, specifier) ?? []),
      ),
    ]),
  );
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start >= 0) found.push(`${[...trail.slice(start), path].join(' → ')} is a cycle`);
    if (start >= 0 || done.has(path)) return;
    for (const next of needs.get(path) ?? []) visit(next, [...trail, path]);
    done.add(path);
  };
  for (const path of needs.keys()) visit(path, []);
  return found;
}

/** What is loaded together with a file: paths, and names of packages. */
function loadedWith(path: string, sources: readonly Source[]): ReadonlySet<string> {
  const loaded = new Set([path]);
  for (const each of loaded) {
    const source = sources.find((one) => one.path === each);
    for (const { specifier, typeOnly, late } of source?.imports ?? []) {
      if (source !== undefined && !typeOnly && !late) loaded.add(target(source, specifier) ?? specifier);
    }
  }
  return loaded;
}

const root = resolve(dirname(import.meta.filename), '..');

function sourcesUnder(folder: string): Source[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return {
        path: relative(root, path).split(sep).join('/'),
        imports: importsOf(readFileSync(path, 'utf8')),
      };
    });
}

function source(path: string, ...lines: string[]): Source {
  return { path, imports: importsOf(lines.join('\n')) };
}

const sources = [...sourcesUnder('server/src'), ...sourcesUnder('client/src')];

describe('the rooms', () => {
  test('every import in server/ and client/ is allowed', () => {
    expect(sources.some(({ imports }) => imports.length > 0)).toBe(true);
    expect(violations(sources)).toEqual([]);
  });

  test('each room of the table is there, and uses the packages it may use', () => {
    const unused = Object.entries(house).flatMap(([room, { packages }]) => {
      const specifiers = sources
        .filter(({ path }) => roomOf(path) === room)
        .flatMap(({ imports }) => imports.map(({ specifier }) => specifier));
      const idle = packages.filter((name) => !specifiers.some((each) => packageAllowed([name], each)));
      return specifiers.length === 0 ? [room] : idle.map((name) => `${room}: ${name}`);
    });
    expect(unused).toEqual([]);
  });

  test('the table itself has no cycle: each room names only rooms above it in the list', () => {
    const names = Object.keys(house);
    for (const [name, { rooms }] of Object.entries(house)) {
      for (const other of rooms)
        expect(names.slice(0, names.indexOf(name)), name).toContain(`server/src/${other}`);
    }
  });

  const rule = "import { rule } from '../sql/span.ts';";
  test.each([
    ['a room may know the rooms below it', source('server/src/rules/a.ts', rule)],
    ['its own files', source('server/src/sql/a.ts', "export * from './lexer.ts';")],
    ['types of its own room both ways', source('server/src/sql/a.ts', "import type { A } from './a.ts';")],
    ['the parser inside sql', source('server/src/sql/parser.ts', "import { parse } from 'libpg-query';")],
    [
      'the messages of the server in the client',
      source(
        'client/src/views/a.ts',
        "import type { S } from '../../../server/src/languageServer/protocol.ts';",
      ),
    ],
    [
      'what a comment quotes',
      source('server/src/sql/a.ts', "/** import x from 'vscode' */", "// import 'pg'"),
    ],
  ])('quiet: %s', (_, file) => {
    expect(violations([file])).toEqual([]);
  });

  test.each([
    ['a room above', source('server/src/sql/a.ts', "import type { R } from '../rules/finding.ts';")],
    ['an unknown room', source('server/src/utils/a.ts')],
    ['a file outside any room', source('server/src/a.ts')],
    ['the SQL parser outside sql', source('server/src/rules/a.ts', "import { parse } from 'libpg-query';")],
    ['the parser, loaded late', source('server/src/rules/a.ts', "const p = await import('libpg-query');")],
    ['vscode outside the client', source('server/src/languageServer/a.ts', "import * as v from 'vscode';")],
    ['files in a pure room', source('server/src/analysis/a.ts', "import { readFileSync } from 'node:fs';")],
    ['the runner in a rule', source('server/src/rules/a.ts', "import { plan } from '../runner/plan.ts';")],
    [
      'the engine in the client',
      source('client/src/a.ts', "import { lint } from '../../server/src/analysis/historyAnalysis.ts';"),
    ],
    ['an import over several lines', source('server/src/sql/a.ts', 'import {', '  a,', "} from 'pg';")],
  ])('loud: %s', (_, file) => {
    expect(violations([file])).toHaveLength(1);
  });

  test('loud: files that need each other', () => {
    const a = source('server/src/sql/a.ts', "import { b } from './b.ts';");
    const b = source('server/src/sql/b.ts', "import { c } from './c.ts';");
    const c = source('server/src/sql/c.ts', "import { a } from './a.ts';");
    expect(violations([a, b, c])).toEqual([
      'server/src/sql/a.ts → server/src/sql/b.ts → server/src/sql/c.ts → server/src/sql/a.ts is a cycle',
    ]);
  });
});

describe('what the language server loads before it has shown a finding', () => {
  const loaded = loadedWith('server/src/languageServer/serve.ts', sources);

  test('the rules are among it', () => {
    expect(loaded).toContain('server/src/rules/allRules.ts');
  });

  test.each([
    ['Python', '@lezer/python', 'server/src/migrations/formats/alembic.ts'],
    ['the formatter', 'sql-formatter', 'server/src/languageServer/codeActions.ts'],
    ['the runner', 'server/src/runner/runMigrations.ts', 'server/src/languageServer/migrationRuns.ts'],
    ['pg', 'pg', 'server/src/database/serverDatabase.ts'],
  ])('%s is not', (_, heavy, door) => {
    expect(loaded).not.toContain(heavy);
    expect(loadedWith(door, sources)).toContain(heavy);
  });
});
