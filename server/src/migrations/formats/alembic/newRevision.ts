import { importedAs, placesOf } from '../../../python/place.ts';
import type { PythonModule } from '../../../python/syntax.ts';
import type { NewMigration } from '../../change.ts';
import { applyEdits, combinedEdits } from '../../edits.ts';
import { type FileContent, type MigrationFile, type Script, statementsOf } from '../../migration.ts';
import { folderOf } from '../../paths.ts';
import { reachable } from '../../reachable.ts';
import { graphOf } from '../../revisionHistory.ts';
import { indentationOf } from '../../textLines.ts';
import { directiveSaying } from './directiveEdit.ts';
import { LoweredStatement } from './loweredStatement.ts';
import { dedented, executed, functionNamed, indented } from './pythonSource.ts';
import { dateInWords, namingFolder, revisionFileName, wallTime } from './revisionFileName.ts';
import type { RevisionSettings } from './revisionSettings.ts';
import { fromTemplate, likeNeighbour } from './revisionText.ts';
import { quoteOf, revisionId } from './revisionValues.ts';
import { saidBy, saidByParsed, subjectOf } from './sameSql.ts';

/** The ids of those that a new revision comes after; undefined where the graph does not tell. */
export type Heads = readonly string[] | undefined;

/** The heads that come after a file's revision: what is new comes after all of them. */
export function headsAfter(file: MigrationFile, files: readonly MigrationFile[]): Heads {
  const { nodes, heads } = graphOf(files);
  const own = file.revision === undefined ? undefined : nodes.get(file.revision.id);
  if (own === undefined) return undefined;
  const later = reachable([own], ({ children }) => children);
  const found = heads.filter((head) => later.has(head)).map(({ id }) => id);
  return found.length === 0 ? undefined : found;
}

/** A revision that is to be made. */
export interface RevisionToMake extends NewMigration {
  readonly parents: readonly string[];
  /** Comments that move along with its first statements, with their marks. */
  readonly comments: readonly string[];
}

/** Where it is made. */
export interface Surroundings {
  /** The file that it is made for: it is written as that is, and into the same folder. */
  readonly file: MigrationFile;
  readonly module: PythonModule;
  readonly settings: RevisionSettings;
  readonly read: (content: Pick<FileContent, 'path' | 'text'>) => MigrationFile;
  readonly parse: (text: string) => PythonModule;
  /** The ids that others have, and the paths. */
  readonly taken: ReadonlySet<string>;
  readonly takenPaths: ReadonlySet<string>;
  readonly now: Date;
}

/**
 * The file of a new revision, from the project's template where that can be followed, else like its neighbour.
 * Undefined where no such file says what is wanted.
 */
export function newRevision(
  migration: RevisionToMake,
  surroundings: Surroundings,
): { readonly path: string; readonly text: string; readonly id: string } | undefined {
  const { file, settings, now, taken, takenPaths } = surroundings;
  const { naming, template } = settings;
  const { name, parents } = migration;
  const date = wallTime(now, naming.timezone);
  const id = revisionId(`${parents.join(' ')} ${now.toISOString()}`, taken);
  const folder = namingFolder(folderOf(file.path), naming.fileTemplate);
  const path = free(folder + revisionFileName(naming, id, name, date), takenPaths);
  const head = { message: name.replaceAll('_', ' '), id, parents, createDate: dateInWords(date) };
  const texts = [template, undefined].flatMap((from) =>
    // The directives of the file itself where they say it, else SQL.
    [true, false].flatMap((withDirectives) => {
      const text = fill(from, head, migration, withDirectives, surroundings);
      return text === undefined ? [] : [text];
    }),
  );
  const text = texts.find((each) => isRight(each, path, id, migration, surroundings));
  return text === undefined ? undefined : { path, text, id };
}

/** A path that no other file has: a template without the id gives two revisions of one minute and name the same. */
function free(path: string, taken: ReadonlySet<string>): string {
  let found = path;
  for (let next = 2; taken.has(found); next++) found = path.replace(/\.py$/, `_${next}.py`);
  return found;
}

type Head = Pick<Parameters<typeof likeNeighbour>[4], 'message' | 'id' | 'parents' | 'createDate'>;

function fill(
  template: string | undefined,
  head: Head,
  migration: RevisionToMake,
  withDirectives: boolean,
  surroundings: Surroundings,
): string | undefined {
  const { file, module, parse, settings } = surroundings;
  const unit = indentationWithin(template, module);
  const quote = quoteOf(file);
  const made = (upgrade: readonly string[], downgrade: readonly string[]) => {
    const revision = { ...head, upgrade, downgrade };
    return template === undefined
      ? likeNeighbour(file, module, quote, unit, revision)
      : fromTemplate(template, revision);
  };
  const empty = made([], []);
  const op = empty === undefined ? undefined : importedAs(parse(empty), 'alembic.op');
  if (op === undefined && migration.up.length + migration.down.length > 0) return undefined;
  const body = (sql: readonly string[], comments: readonly string[]): readonly string[] => {
    const lines = sql.map((each) => {
      const own = withDirectives ? sourceSaying(each, file, surroundings) : undefined;
      return own ?? executed(each, op ?? 'op', quote);
    });
    const all = [...comments, ...lines];
    if (migration.transactional || lines.length === 0) return all.map((line) => indented(line, unit, parse));
    const inside = all.map((line) => unit + indented(line, unit + unit, parse));
    return [`with ${op}.get_context().autocommit_block():`, ...inside];
  };
  const up = body(migration.up, migration.comments);
  const first = migration.transactional && up.length > 0 && !settings.transactionPerMigration;
  const text = made([...(first ? committed(op ?? 'op', unit) : []), ...up], body(migration.down, []));
  const comment = (migration.comment ?? []).map((line) => `# ${line}\n`).join('');
  return text === undefined ? undefined : comment + text;
}

/**
 * Ends the transaction of the revisions before. alembic runs all of one upgrade in one transaction unless it is told
 * otherwise (EnvironmentContext.configure, transaction_per_migration), and what has been split would hold its locks,
 * or use what is not committed, all the same.
 */
function committed(op: string, unit: string): readonly string[] {
  return [
    '# The revisions before are committed first.',
    `with ${op}.get_context().autocommit_block():`,
    `${unit}pass`,
  ];
}

/** How a template, or the file, indents the bodies of its functions. */
function indentationWithin(template: string | undefined, module: PythonModule): string {
  const own = /^([ \t]+)\$\{upgrades/m.exec(template ?? '')?.[1];
  if (own !== undefined) return own;
  const first = functionNamed(module, 'upgrade')?.body[0];
  return (first && indentationOf(module.text, first.span.start)) || '    ';
}

/** The source of one of the file's directives, with other arguments, that sends just this statement. */
function sourceSaying(
  sql: string,
  file: MigrationFile,
  { module, parse, settings }: Surroundings,
): string | undefined {
  const { text } = module;
  const wanted = saidBy(sql);
  for (const statement of directivesOf(file)) {
    const { directive, span } = statement.site;
    const said = saidByParsed(statement.parsed);
    if (subjectOf(said) !== subjectOf(wanted)) continue;
    const leaf = placesOf(module, span).at(-1)?.statement;
    const isCall =
      leaf?.kind === 'expression' && leaf.span.start === span.start && leaf.span.end === span.end;
    if (directive === undefined || directive.batch !== undefined || !isCall) continue;
    const edits = said === wanted ? [] : directiveSaying(text, directive, [sql], settings.release)?.edits;
    if (edits === undefined || directive.lower(directive.call).length !== 1) continue;
    const inside = combinedEdits(edits, text).map((each) => ({
      span: { start: each.span.start - span.start, end: each.span.end - span.start },
      text: each.text,
    }));
    const source = applyEdits(text.slice(span.start, span.end), inside).replaceAll('\r\n', '\n');
    return dedented(source, indentationOf(text, span.start), parse);
  }
  return undefined;
}

function directivesOf(file: MigrationFile): readonly LoweredStatement[] {
  const all = [...statementsOf(file.up), ...(file.down === undefined ? [] : statementsOf(file.down))];
  return all.filter((each) => each instanceof LoweredStatement);
}

/** Whether a file says what it is to say, and is Python. */
function isRight(
  text: string,
  path: string,
  id: string,
  { up, down, transactional, parents }: RevisionToMake,
  { read, parse }: Surroundings,
): boolean {
  if (parse(text).errors.length > 0) return false;
  const file = read({ path, text });
  const { revision } = file;
  if (revision?.id !== id || revision.downRevisions.join(' ') !== parents.join(' ')) return false;
  return says(file.up, up, transactional) && says(file.down, down, transactional);
}

function says(script: Script | undefined, wanted: readonly string[], transactional: boolean): boolean {
  const found = script === undefined ? [] : statementsOf(script);
  return (
    found.length === wanted.length &&
    found.every(({ parsed }, i) => saidByParsed(parsed) === saidBy(wanted[i] ?? '')) &&
    (script?.units ?? []).every(
      ({ mode, queries }) =>
        (mode === 'transaction') === transactional ||
        queries.every(({ statements }) => statements.length === 0),
    )
  );
}
