import type { Command } from './plan.ts';

/** What alembic itself says of a database and of a command on it. */
export interface AlembicAnswer {
  readonly databases: readonly AlembicDatabase[];
  /** Why alembic refuses, in its words: it could not be asked, or the command is none for this database. */
  readonly refused?: string;
}

/** A database that env.py connects to. */
export interface AlembicDatabase {
  readonly dialect: string;
  /** Without the password. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  /** The ids in its version table. */
  readonly rows: readonly string[];
  /** Whether that is there. */
  readonly tracked: boolean;
  /** What the command would run, in order. */
  readonly steps: readonly AlembicStep[];
}

export interface AlembicStep {
  /** Empty where a stamp goes to the base. */
  readonly id: string;
  readonly path: string;
  readonly direction: 'up' | 'down';
}

/** Marks the line of standard output that is the answer: env.py may print what it likes. */
const mark = 'skein-answer:';

/** The arguments of Python that ask alembic where the database stands, and what `command` would run. */
export function question(
  config: { readonly path: string; readonly section: string },
  command: Command | undefined,
): readonly string[] {
  const asked = command === undefined ? [] : parts(command);
  return ['-c', script, JSON.stringify({ config: config.path, section: config.section, asked })];
}

/** The calls of alembic that a command comes to: `redo` is two. */
export function parts(command: Command): readonly (readonly string[])[] {
  switch (command.kind) {
    case 'up':
      return [['upgrade', command.to ?? (command.onlyNext ? '+1' : 'head')]];
    case 'down':
      return [['downgrade', command.to ?? '-1']];
    case 'redo':
      return [
        ['downgrade', '-1'],
        ['upgrade', '+1'],
      ];
    case 'stamp':
      return [['stamp', ...(command.purge ? ['--purge'] : []), ...command.to]];
  }
}

/** Reads what the script has printed; undefined where it did not come so far. */
export function answerIn(stdout: string): AlembicAnswer | undefined {
  const line = stdout.split(/\r?\n/).findLast((each) => each.startsWith(mark));
  return line === undefined ? undefined : (JSON.parse(line.slice(mark.length)) as AlembicAnswer);
}

/** Goes through env.py as `alembic current` does (alembic 1.8 to 1.20, command.py): it connects, and changes nothing. */
const script = `
import json, sys
from alembic import util
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory

told = json.loads(sys.argv[1])
path, section = told["config"], told["section"]
if path.endswith(".toml"):
    config = Config(toml_file=path, ini_section=section)
else:
    config = Config(path, ini_section=section)
answer = {"databases": []}

def moved(rows, steps):
    rows = list(rows)
    for step in steps:
        for each in step.from_revisions:
            if each in rows:
                rows.remove(each)
        rows.extend(each for each in step.to_revisions if each not in rows)
    return tuple(rows)

def steps_of(scripts, name, targets, rows):
    if name == "upgrade":
        return scripts._upgrade_revs(targets[0], rows)
    if name == "downgrade":
        return scripts._downgrade_revs(targets[0], rows)
    purge = targets[0] == "--purge"
    return scripts._stamp_revs(tuple(targets[1 if purge else 0:]), () if purge else rows)

def told_of(step):
    revision = getattr(step, "revision", None)
    if revision is not None:
        return {"id": revision.revision, "path": revision.path, "direction": "up" if step.is_upgrade else "down"}
    to = [each for each in step.to_revisions]
    return {"id": to[-1] if to else "", "path": "", "direction": "up"}

def look(rows, context):
    rows = tuple(rows)
    url = context.connection.engine.url
    query = dict(url.query)
    found = {
        "dialect": context.dialect.name, "url": repr(url), "rows": list(rows),
        "host": url.host or query.get("host") or "", "port": int(url.port or query.get("port") or 5432),
        "database": url.database or "", "user": url.username or "", "steps": [],
        "tracked": context._has_version_table(),
    }
    if context.dialect.name == "postgresql":
        row = context.connection.exec_driver_sql("SELECT current_database(), current_user").fetchone()
        found["database"], found["user"] = row[0], row[1]
    answer["databases"].append(found)
    now = rows
    for name, *targets in told["asked"]:
        steps = list(steps_of(scripts, name, targets, now))
        found["steps"].extend(told_of(step) for step in steps)
        now = moved(now, steps)
    return []

try:
    scripts = ScriptDirectory.from_config(config)
    with EnvironmentContext(config, scripts, fn=look, dont_mutate=True):
        scripts.run_env()
except util.CommandError as error:
    answer["refused"] = str(error)
print("\\n${mark}" + json.dumps(answer))
`;
