import { Interpreter } from '../../python/interpreter.ts';
import { ParsedPython } from '../../python/parsePython.ts';
import type { PythonModule } from '../../python/syntax.ts';
import type { Value } from '../../python/value.ts';
import type { Allocate, Change, FileEdits } from '../change.ts';
import type { MigrationFormat } from '../format.ts';
import type { Direction, FileContent, FileProblem, MigrationFile, Obstacle, Script } from '../migration.ts';
import { baseNameOf } from '../paths.ts';
import { revisionHistory } from '../revisionHistory.ts';
import { closedFile, emptyScript } from '../unreadable.ts';
import { otherDialect } from './alembic/dialects.ts';
import { KnownStatements } from './alembic/knownStatements.ts';
import { type Metadata, readMetadata } from './alembic/metadata.ts';
import { metadataProblems } from './alembic/metadataProblems.ts';
import { functionNamed } from './alembic/pythonSource.ts';
import { RevisionScript } from './alembic/revisionScript.ts';
import { DEFAULT_SETTINGS, type RevisionSettings } from './alembic/revisionSettings.ts';
import { writeRevision } from './alembic/revisionWriting.ts';
import { stopProblem } from './alembic/stopProblem.ts';
import { changesSchema, unseenProblem } from './alembic/unseenProblems.ts';
import { isRevisionFile } from './alembicFileName.ts';

/**
 * alembic 1.20: revisions in Python, read without running them. `settings` say how the folder's project has them
 * written. One value for each folder: it remembers what it parsed.
 */
export function alembicFormat(settings: RevisionSettings = DEFAULT_SETTINGS): MigrationFormat {
  const parser = new RecentlyParsed();
  // What is written is read again: that takes no place from the files as they are.
  const tried = new RecentlyParsed();
  const read = (content: Omit<FileContent, 'byteOrderMark'>) =>
    readAlembic({ ...content, byteOrderMark: false }, tried);
  const parse = (text: string) => tried.parse(TRIED, text);
  const write = (
    changes: readonly Change[],
    file: MigrationFile,
    files: readonly MigrationFile[],
    allocate: Allocate,
  ) => {
    const module = parser.parse(file.path, file.text);
    return writeRevision(changes, file, files, allocate, { settings, module, read, parse });
  };
  return {
    tool: 'alembic',
    ...(settings.sharesDatabase === true && { sharesDatabase: true }),
    claims: isRevisionFile,
    read: (content) => readAlembic(content, parser),
    order: revisionHistory,
    writes: (changes, file) => write(changes, file, [file], NEVER) !== undefined,
    apply: (changes, file, files, allocate) => write(changes, file, files, allocate) ?? NOTHING,
  };
}

/** The place of texts that no file has. */
const TRIED = '';

/** The moment of what is not written. */
const NEVER: Allocate = { now: () => new Date(0) };
const NOTHING: FileEdits = { edits: [], creates: [], renames: [] };

function readAlembic(content: FileContent, parser: RecentlyParsed): MigrationFile {
  const { path, text } = content;
  const identity = { tool: 'alembic' as const, path, text, name: nameOf(baseNameOf(path)) };
  const closed = closedFile(content);
  if (closed !== undefined) return closedRevision(identity, closed);
  const module = parser.parse(path, text);
  const other = otherDialect(path);
  const known = parser.knownStatements(path);
  const { metadata, up, down } = run(baseNameOf(path), module, known, other === undefined);
  const revision = { ...declared(metadata), problems: metadataProblems(baseNameOf(path), text, metadata) };
  if (other !== undefined) {
    const closed = closedRevision(identity, foreign(other));
    return { ...closed, ...revision, problems: [...closed.problems, ...revision.problems], opaque: false };
  }
  const unseen = [...up.unseen, ...down.unseen];
  return {
    ...identity,
    ...revision,
    up: script('up', module, up),
    ...(functionNamed(module, 'downgrade') === undefined ? {} : { down: script('down', module, down) }),
    transactional: true,
    statementsOptOut: true,
    comments: [...module.comments, ...up.comments, ...down.comments],
    problems: [
      ...revision.problems,
      ...eachOnce([
        ...unseen.map(unseenProblem),
        ...[up, down].flatMap((each) => each.stops.flatMap((stop) => stopProblem(stop, each) ?? [])),
      ]),
    ],
    opaque: up.unseen.some(changesSchema),
  };
}

/**
 * What env.py hands to each function (alembic 1.20, runtime/environment.py: run_migrations, `**kw`), as far as its name
 * says what it is.
 */
const HANDED: ReadonlyMap<string, Value> = new Map([['op', { kind: 'external', path: 'alembic.op' }]]);

/** The file gone through, and its two functions. */
function run(baseName: string, module: PythonModule, known: KnownStatements, withScripts: boolean) {
  const up = new RevisionScript(module.text, known);
  const down = new RevisionScript(module.text, known);
  const interpreter = new Interpreter(module, up);
  if (withScripts) {
    interpreter.run('upgrade', up, HANDED);
    interpreter.run('downgrade', down, HANDED);
  }
  return { metadata: readMetadata(baseName, module, interpreter), up, down };
}

/** A loop over literals comes to the same place again and again. */
function eachOnce(problems: readonly FileProblem[]): readonly FileProblem[] {
  const byPlace = new Map(
    problems.map((each) => [`${each.span.start} ${each.span.end} ${each.message}`, each] as const),
  );
  return [...byPlace.values()];
}

/** What the file says of its revision, and where. */
function declared({ revision, spans }: Metadata): Pick<MigrationFile, 'revision' | 'revisionSpans'> {
  if (revision === undefined) return {};
  const { revision: id, down_revision, depends_on, branch_labels } = spans;
  return {
    revision,
    revisionSpans: {
      ...(id && { id }),
      ...(down_revision && { downRevisions: down_revision }),
      ...(depends_on && { dependsOn: depends_on }),
      ...(branch_labels && { branchLabels: branch_labels }),
    },
  };
}

function script(
  direction: Direction,
  module: PythonModule,
  { units, unseen, stops }: RevisionScript,
): Script {
  const name = direction === 'up' ? 'upgrade' : 'downgrade';
  const definition = functionNamed(module, name);
  const obstacles: readonly Obstacle[] = [
    ...module.errors.map((span): Obstacle => ({ span, message: 'This is no Python.', unloadable: true })),
    ...(definition === undefined ? [{ span: NOWHERE, message: `There is no ${name}().` }] : []),
    ...stops,
    ...unseen.map(unseenProblem),
  ];
  return { direction, span: definition?.bodySpan ?? NOWHERE, units, obstacles };
}

const NOWHERE = { start: 0, end: 0 };

/** "1975ea83b712_add_users.py" is "add_users"; the id is the file's own to say. */
function nameOf(baseName: string): string {
  const stem = baseName.replace(/\.py$/, '');
  return stem.slice(stem.indexOf('_') + 1);
}

function closedRevision(
  identity: Pick<MigrationFile, 'tool' | 'path' | 'text' | 'name'>,
  problem: FileProblem,
): MigrationFile {
  return { ...identity, up: emptyScript('up'), transactional: true, problems: [problem], opaque: true };
}

function foreign(dialect: string): FileProblem {
  return {
    rule: 'not-analysed',
    message: `The revision stands in a folder for ${dialect} and was not analysed.`,
    why: 'Skein checks what runs on PostgreSQL.',
    span: { start: 0, end: 0 },
    severity: 'information',
  };
}

/** Files that are kept parsed: the one that a person types in, and those that are looked at beside it. */
const MOST_PARSED = 8;

class RecentlyParsed {
  private readonly byPath = new Map<string, { readonly parsed: ParsedPython; known: KnownStatements }>();

  parse(path: string, text: string): ParsedPython {
    const last = this.byPath.get(path);
    const same = [...this.byPath.values()].find(({ parsed }) => parsed.text === text);
    const parsed = same?.parsed ?? ParsedPython.of(text, last?.parsed);
    // The last used is the last in the map.
    this.byPath.delete(path);
    this.byPath.set(path, { parsed, known: last?.known ?? new KnownStatements() });
    const [oldest] = this.byPath.keys();
    if (this.byPath.size > MOST_PARSED && oldest !== undefined) this.byPath.delete(oldest);
    return parsed;
  }

  /** Those of the next version of a file that was just parsed. */
  knownStatements(path: string): KnownStatements {
    const last = this.byPath.get(path);
    const known = new KnownStatements(last?.known);
    if (last !== undefined) last.known = known;
    return known;
  }
}
