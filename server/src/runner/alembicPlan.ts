import type { AlembicRuntime } from '../migrations/alembicRuntime.ts';
import type { EnvironmentScript } from '../migrations/formats/alembic/environmentScript.ts';
import { alembicFormat } from '../migrations/formats/alembic.ts';
import { isRevisionFile } from '../migrations/formats/alembicFileName.ts';
import type { Direction, FileContent, MigrationFile, Query } from '../migrations/migration.ts';
import { baseNameOf } from '../migrations/paths.ts';
import { RevisionError } from '../migrations/revisionError.ts';
import type { RevisionGraph } from '../migrations/revisionGraph.ts';
import { graphOf } from '../migrations/revisionHistory.ts';
import { downgradePlan, type RevisionStep, stampPlan, upgradePlan } from '../migrations/revisionPlan.ts';
import type { RowChange } from '../migrations/revisionRows.ts';
import { kindOf } from '../sql/parser.ts';
import type { Span } from '../sql/span.ts';
import type { Statement } from '../sql/statement.ts';
import { alembicStatement } from './alembicStatement.ts';
import type { Command, Plan, PlannedRun, PlannedStatement, Recording } from './plan.ts';
import { RunRefused } from './runRefused.ts';
import type { AlembicVersionTable } from './tracking/alembicVersionTable.ts';

/** What a plan of alembic's goes by, besides the files. */
export interface AlembicPlanning {
  readonly project: AlembicRuntime;
  readonly environment: EnvironmentScript;
  readonly table: AlembicVersionTable;
  /** The ids in the version table, in the order in which it gives them; undefined where there is none. */
  readonly rows: readonly string[] | undefined;
}

/** A revision on its way in a direction, or recorded only. */
interface Move {
  readonly step: RevisionStep;
  readonly direction: Direction | 'stamp';
}

/** The revisions of a folder: what alembic imports. */
export function revisionsOf(contents: readonly FileContent[]): MigrationFile[] {
  const format = alembicFormat();
  return contents
    .filter(({ path }) => isRevisionFile(baseNameOf(path)))
    .map((content) => format.read(content));
}

/**
 * What alembic 1.20 would run, statement by statement, with its rows. Throws RunRefused where alembic refuses, in its
 * words, and for everything that cannot be run as it is read, at its place.
 */
export async function planAlembic(
  command: Command,
  contents: readonly FileContent[],
  planning: AlembicPlanning,
): Promise<Plan> {
  const files = revisionsOf(contents);
  refuseUnloadable(files);
  const moves = movesOf(command, files, planning.rows ?? []);
  const runs = await new Planner(files, contents, planning).runs(moves);
  const { rows, environment, table } = planning;
  const makesTable = rows === undefined && (environment.transactions === 'one' || moves.length > 0);
  return {
    command,
    versionTable: makesTable ? [table.definition] : [],
    transactions: environment.transactions,
    ...(environment.isSeen ? {} : { notes: [UNSEEN] }),
    runs: command.kind === 'stamp' && command.purge ? emptiedFirst(runs, table) : runs,
  };
}

/** What the command line of alembic calls the same: `upgrade head`, `downgrade -1`. */
export function alembicTarget(command: Command): string {
  switch (command.kind) {
    case 'up':
      return command.to ?? (command.onlyNext ? '+1' : 'head');
    case 'down':
      return command.to ?? '-1';
    case 'redo':
      return '-1';
    case 'stamp':
      return command.to.join(' ');
  }
}

/** The steps of a command, in alembic's order. Throws RunRefused in alembic's words. */
export function movesOf(command: Command, files: readonly MigrationFile[], rows: readonly string[]): Move[] {
  const graph = graphOf(files);
  try {
    return steps(command, graph, rows);
  } catch (error) {
    if (!(error instanceof RevisionError)) throw error;
    throw refusal(error.message, files, graph, rows);
  }
}

function steps(command: Command, graph: RevisionGraph, rows: readonly string[]): Move[] {
  const moves = (found: readonly RevisionStep[], direction: Move['direction']): Move[] =>
    found.map((step) => ({ step, direction }));
  const target = alembicTarget(command);
  switch (command.kind) {
    case 'up': {
      const isAll = command.onlyNext && upgradePlan(graph, rows, 'heads').length === 0;
      return isAll ? [] : moves(upgradePlan(graph, rows, target), 'up');
    }
    case 'down':
      return moves(downgradePlan(graph, rows, target), 'down');
    case 'redo': {
      const down = downgradePlan(graph, rows, target);
      let now = changed(rows, down);
      // Back to every row that was there.
      const up = rows.flatMap((row) => {
        const found = upgradePlan(graph, now, row);
        now = changed(now, found);
        return found;
      });
      return [...moves(down, 'down'), ...moves(up, 'up')];
    }
    case 'stamp':
      return moves(stampPlan(graph, command.purge ? [] : rows, command.to), 'stamp');
  }
}

/** The rows after these steps. */
function changed(rows: readonly string[], found: readonly RevisionStep[]): string[] {
  let now = [...rows];
  for (const change of found.flatMap(({ changes }) => changes)) {
    if (change.kind === 'insert') now.push(change.id);
    else if (change.kind === 'delete') now = now.filter((id) => id !== change.id);
    else now = now.map((id) => (id === change.id ? change.to : id));
  }
  return now;
}

function refusal(
  message: string,
  files: readonly MigrationFile[],
  { problems }: RevisionGraph,
  rows: readonly string[],
): RunRefused {
  const [problem] = problems;
  const at = problem && files.find(({ revision }) => revision?.id === problem.revisions[0]);
  const place = at && { path: at.path, span: at.revisionSpans?.id ?? { start: 0, end: 0 } };
  const [, unknown] = /^Can't locate revision identified by '(.*)'$/.exec(message) ?? [];
  if (unknown !== undefined && rows.includes(unknown)) {
    return new RunRefused(
      'revisions',
      `${message}: the database has it, and no file of the folder`,
      'Bring its file back; or record what the database really has: skein stamp --purge REVISION.',
    );
  }
  if (message.startsWith('Multiple head revisions')) {
    return new RunRefused(
      'revisions',
      message,
      'Write the revision that merges them (skein merge), or name one (--to REVISION, --to heads for all).',
    );
  }
  return new RunRefused('revisions', message, 'alembic stops here too: nothing has been run.', place);
}

/** alembic imports every file of the folder before it does anything. */
function refuseUnloadable(files: readonly MigrationFile[]): void {
  for (const { path, up, problems } of files) {
    const obstacle = up.obstacles?.find(({ unloadable }) => unloadable);
    const problem = problems.find(({ rule }) => rule === 'alembic-metadata' || rule === 'unreadable-file');
    const found = obstacle ?? problem;
    if (found === undefined) continue;
    throw new RunRefused(
      'unparsable',
      `alembic cannot load ${path}: ${withoutStop(found.message)}`,
      'Put it right first: nothing has been run.',
      { path, span: found.span },
    );
  }
}

class Planner {
  private readonly files: ReadonlyMap<string, MigrationFile>;
  private readonly contents: ReadonlyMap<string, FileContent>;
  private readonly planning: AlembicPlanning;

  constructor(files: readonly MigrationFile[], contents: readonly FileContent[], planning: AlembicPlanning) {
    this.files = new Map(files.flatMap((file) => (file.revision ? [[file.revision.id, file]] : [])));
    this.contents = new Map(contents.map((content) => [content.path, content]));
    this.planning = planning;
  }

  async runs(moves: readonly Move[]): Promise<PlannedRun[]> {
    const { environment, project } = this.planning;
    const sends = moves.some(({ direction }) => direction !== 'stamp');
    if (sends) this.refuseObstacles();
    const named = sends && environment.hasMetadata && (await project.namesByConvention());
    return moves.map((move) => this.run(move, named));
  }

  /** env.py is not run here: what it does beyond what can be read of it would be left out. */
  private refuseObstacles(): void {
    const { environment, project } = this.planning;
    const [obstacle] = environment.obstacles;
    if (obstacle === undefined || project.environment === undefined) return;
    const { path, text } = project.environment;
    throw new RunRefused('unclear', obstacle.message, useAlembic, { path, span: obstacle.span, text });
  }

  private run({ step, direction }: Move, namesByConvention: boolean): PlannedRun {
    const { revision, changes } = step;
    const id = revision?.id ?? changes[0]?.id ?? '';
    const file = this.files.get(id);
    const content = this.contents.get(file?.path ?? '') ?? nothing(id);
    const statements =
      direction === 'stamp' || file === undefined ? [] : this.statements(file, direction, namesByConvention);
    return {
      path: content.path,
      version: id,
      direction: direction === 'stamp' ? 'up' : direction,
      content,
      statements,
      transactional: true,
      recording: recordingOf(changes, this.planning.table),
    };
  }

  private statements(
    file: MigrationFile,
    direction: Direction,
    namesByConvention: boolean,
  ): PlannedStatement[] {
    const script = direction === 'up' ? file.up : file.down;
    const [problem] = file.problems.filter(({ rule }) => rule === 'not-analysed');
    if (problem) throw unclear(file, problem.span, problem.message);
    if (script === undefined) throw unclear(file, { start: 0, end: 0 }, 'There is no downgrade().');
    const [obstacle] = script.obstacles ?? [];
    if (obstacle) throw unclear(file, obstacle.span, obstacle.message);
    return script.units.flatMap(({ mode, queries }) =>
      queries.map((query) => {
        refuseUncertain(file, query, namesByConvention);
        return alembicStatement(query, mode !== 'transaction');
      }),
    );
  }
}

const UNSEEN =
  'What env.py configures cannot be seen: one transaction for all and the table alembic_version are assumed, as by default';

const useAlembic =
  'Nothing has been run. Let alembic itself run it, and with it the Python (--alembic, or the setting skein.alembic).';

function unclear({ path }: MigrationFile, span: Span, message: string): RunRefused {
  return new RunRefused('unclear', withoutStop(message), useAlembic, { path, span });
}

function refuseUncertain(
  file: MigrationFile,
  { statements, checked }: Query,
  namesByConvention: boolean,
): void {
  for (const statement of statements) {
    if (statement.conditional && !checked) {
      throw unclear(file, statement.span, 'Whether this runs is known only when Python runs');
    }
    if (namesByConvention && statement.namesOpen && hasUnnamedConstraint(statement)) {
      const message = 'A constraint without a name gets it from a naming convention, which is not read here';
      throw unclear(file, statement.span, message);
    }
  }
}

const NAMED = new Set([
  'CONSTR_PRIMARY',
  'CONSTR_UNIQUE',
  'CONSTR_CHECK',
  'CONSTR_FOREIGN',
  'CONSTR_EXCLUSION',
]);

function hasUnnamedConstraint({ parsed: { node } }: Statement): boolean {
  if (node === undefined || !/^(CreateStmt|AlterTableStmt)$/.test(kindOf(node))) return false;
  let found = false;
  JSON.stringify(node, (key, value: { contype?: string; conname?: string } | undefined) => {
    if (key === 'Constraint' && NAMED.has(value?.contype ?? '') && value?.conname === undefined) found = true;
    return value;
  });
  return found;
}

function recordingOf(changes: readonly RowChange[], table: AlembicVersionTable): Recording {
  return {
    sql: changes.map((change) => table.sql(change)),
    send: async (session) => {
      try {
        for (const change of changes) await table.record(session, change);
      } catch (error) {
        if (!(error instanceof RevisionError)) throw error;
        throw new RunRefused(
          'version-table',
          error.message,
          'Somebody else has changed the version table meanwhile: look at the status, then run it again.',
        );
      }
    },
  };
}

/** `stamp --purge`: the table is emptied before anything is written. */
function emptiedFirst(runs: readonly PlannedRun[], table: AlembicVersionTable): PlannedRun[] {
  const [first = bareRun(table), ...others] = runs;
  const { sql, send } = first.recording;
  const recording: Recording = {
    sql: [table.emptying, ...sql],
    send: async (session) => {
      await session.run(table.emptying);
      await send(session);
    },
  };
  return [{ ...first, recording }, ...others];
}

/** A run that is about no revision. */
function bareRun(table: AlembicVersionTable): PlannedRun {
  return {
    path: table.name,
    version: 'base',
    direction: 'up',
    content: nothing(table.name),
    statements: [],
    transactional: true,
    recording: { sql: [], send: async () => undefined },
  };
}

function nothing(path: string): FileContent {
  return { path, text: '', byteOrderMark: false };
}

function withoutStop(message: string): string {
  return message.replace(/\.$/, '');
}
