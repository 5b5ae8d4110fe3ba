import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Revision } from '../../server/src/migrations/revisionGraph.ts';

/** The oldest release that Skein follows, and the one that it follows to the letter; each with a SQLAlchemy of its time. */
export const releases = {
  '1.8.1': ['alembic==1.8.1', 'SQLAlchemy==1.4.46', 'psycopg2-binary'],
  '1.20.0': ['alembic==1.20.0', 'SQLAlchemy==2.1.1', 'psycopg2-binary'],
} as const;
export type Release = keyof typeof releases;

/** alembic's command line, on one database and one project. */
export interface Alembic {
  /** The Python that has it. */
  readonly python: string;
  /** Whether it succeeded, and what it gave as its reason where it refused (not where it crashed). */
  run(url: string, project: string, ...args: readonly string[]): AlembicAnswer;
}

export interface AlembicAnswer {
  readonly ok: boolean;
  readonly refusal?: string;
}

/** The real alembic, installed once into .tools/. Needs Python 3 with venv; throws when it cannot be had. */
export function realAlembic(release: Release): Alembic {
  const home = resolve('.tools', `alembic-${release}`);
  const bin = join(home, process.platform === 'win32' ? 'Scripts' : 'bin');
  const program = join(bin, 'alembic');
  if (!existsSync(program)) {
    execFileSync('python3', ['-m', 'venv', home], { stdio: 'inherit' });
    execFileSync(join(bin, 'pip'), ['install', '--quiet', ...releases[release]], { stdio: 'inherit' });
  }
  return {
    python: join(bin, 'python'),
    run: (url, project, ...args) => {
      const { status, stdout } = spawnSync(program, args, {
        encoding: 'utf8',
        cwd: project,
        env: { PATH: process.env.PATH, HOME: project, DATABASE_URL: url, PYTHONDONTWRITEBYTECODE: '1' },
      });
      const [, refusal] = /^\s*FAILED: (.*(?:\n {2}.*)*)/m.exec(stdout) ?? [];
      return { ok: status === 0, ...(refusal === undefined ? {} : { refusal }) };
    },
  };
}

/** Writes a project into an empty folder: revisions by file name, and what env.py configures besides the connection. */
export function writeProject(
  folder: string,
  revisions: Readonly<Record<string, string>>,
  configures = '',
): void {
  const versions = join(folder, 'migrations', 'versions');
  mkdirSync(versions, { recursive: true });
  writeFileSync(join(folder, 'alembic.ini'), '[alembic]\nscript_location = migrations\n');
  writeFileSync(join(folder, 'migrations', 'env.py'), env(configures));
  for (const [name, text] of Object.entries(revisions)) writeFileSync(join(versions, name), text);
}

/** Revisions that do nothing, as files. */
export function emptyRevisions(revisions: readonly Revision[]): Readonly<Record<string, string>> {
  const files = revisions.map(({ id, downRevisions, dependsOn, branchLabels }) => {
    const text = [
      `revision = "${id}"`,
      `down_revision = ${tuple(downRevisions)}`,
      `depends_on = ${tuple(dependsOn)}`,
      `branch_labels = ${tuple(branchLabels)}`,
      'def upgrade(): pass',
      'def downgrade(): pass',
      '',
    ];
    return [`${id}.py`, text.join('\n')] as const;
  });
  return Object.fromEntries(files);
}

function tuple(names: readonly string[]): string {
  return names.length === 0 ? 'None' : `(${names.map((name) => `"${name}",`).join('')})`;
}

const env = (configures: string) => `import os
from alembic import context
from sqlalchemy import create_engine

url = os.environ["DATABASE_URL"].replace("postgres://", "postgresql+psycopg2://")
with create_engine(url).connect() as connection:
    context.configure(connection=connection${configures})
    with context.begin_transaction():
        context.run_migrations()
`;
