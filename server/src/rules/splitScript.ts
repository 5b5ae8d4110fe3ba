import type { Node } from '@pgsql/types';
import type { Change } from '../migrations/change.ts';
import { statementsOf } from '../migrations/migration.ts';
import type { Site } from '../replay/site.ts';
import { isNew, type Step } from '../replay/step.ts';
import { downOf, schemaAfter } from '../rewrites/down/downScript.ts';
import { existsClause, withClauses } from '../rewrites/existsClause.ts';
import type { Offer } from '../rewrites/offer.ts';
import { canComeLast } from '../rewrites/ownMigration.ts';
import { headComment, newMigration } from '../rewrites/phasedFix.ts';
import type { Phase, Rewrite } from '../rewrites/rewrite.ts';
import { parseStatement } from '../sql/parser.ts';
import type { Statement } from '../sql/statement.ts';
import type { HistoryView, ReplayedScript } from './rule.ts';
import { schemaDifferences } from './schemaDifferences.ts';
import { inTheirPlace, originsOf } from './writtenDown.ts';

/** Statements of a script that become a migration of their own; those of the first segment stay where they are. */
export interface Segment {
  /** Steps of the script's own statements, in order. */
  readonly steps: readonly Step[];
  readonly name: string;
  readonly does: string;
  readonly transactional: boolean;
  /** What the statements become; without it they stay as they are. */
  readonly up?: readonly string[];
}

/** An up script as several migrations, with downs where the file has one. */
export function splitScript(
  script: ReplayedScript,
  history: HistoryView,
  goal: string,
  segments: readonly Segment[],
): readonly Offer[] {
  const { file } = script;
  const [first, ...later] = segments;
  if (first === undefined || later.length === 0 || script.script.direction !== 'up') return [];
  const placed = new Map(topSteps(script).map(({ step, statement }) => [step, statement]));
  const site = (step: Step, statement: Statement): Site => ({
    step,
    file,
    script: script.script,
    steps: () => history.files.flatMap((each) => history.up(each)?.steps ?? []),
    statement,
    end: history.end,
  });
  const moved = later.map(({ steps }) => steps.flatMap((step) => placed.get(step) ?? []));
  // Where nothing comes after the file, nothing can come between its parts.
  const isLast = history.files.at(-1) === file;
  const movable = later.every(({ steps }) =>
    steps.every((step) => {
      const statement = placed.get(step);
      return statement !== undefined && (isLast || canComeLast(site(step, statement)));
    }),
  );
  if (!movable)
    return [{ refused: 'a later migration builds on it, so it cannot be split into migrations after that' }];
  const downs = downsOf(script, history, segments);
  if ('refused' in downs) return [downs];
  const rewrite: Rewrite = {
    goal,
    stays: undefined,
    undoing: [],
    phases: segments.map((segment, i) => phaseOf(segment, downs.each[i] ?? [])),
  };
  const created = later.map(
    (_, i): Change => ({
      kind: 'moveToNewMigration',
      statements: moved[i] ?? [],
      migration: newMigration(rewrite, i + 1, rewrite.phases[i + 1] ?? phaseOf(first, []), history),
    }),
  );
  return [
    {
      title: `Split into ${segments.length} migrations: ${goal}`,
      grade: 'review',
      preview: true,
      comesLast: true,
      changes: [
        { kind: 'headComment', lines: headComment(rewrite, 0) },
        ...(first.transactional && !file.transactional && file.tool === 'goose'
          ? [{ kind: 'optIn' } as const]
          : []),
        ...(first.up === undefined
          ? []
          : inTheirPlace(
              script,
              first.up,
              first.steps.flatMap((step) => placed.get(step) ?? []),
            )),
        ...downs.changes,
        ...created,
      ],
    },
  ];
}

function phaseOf(segment: Segment, down: readonly string[]): Phase {
  const { name, does, transactional, steps, up } = segment;
  const blocks = steps.some((step) =>
    step.effect.locks.some(({ relation, mode }) => mode === 'ACCESS EXCLUSIVE' && !isNew(step, relation)),
  );
  return {
    deploy: 1,
    name,
    does,
    transactional,
    ...(blocks && transactional ? { locksBriefly: true } : {}),
    up: up ?? steps.map(({ statement }) => statement.text),
    down,
  };
}

/** The steps of a script's own statements, each with the statement where it stands. */
export function topSteps({ script, steps }: ReplayedScript): readonly { step: Step; statement: Statement }[] {
  const readable = statementsOf(script).filter(({ parsed }) => parsed.node !== undefined);
  return steps
    .filter((step) => !step.nested)
    .flatMap((step, i) => {
      const statement = readable[i];
      return statement === undefined ? [] : [{ step, statement }];
    });
}

/** A statement such that it can run again. */
function againOf(text: string): string {
  return withClauses(text, existsClause(parseStatement(text)));
}

/** The table whose rows a statement writes, as it is written. */
function writtenTable(node: Node | undefined): string | undefined {
  if (node === undefined) return undefined;
  const relation =
    'InsertStmt' in node
      ? node.InsertStmt.relation
      : 'UpdateStmt' in node
        ? node.UpdateStmt.relation
        : 'DeleteStmt' in node
          ? node.DeleteStmt.relation
          : undefined;
  return relation && `${relation.schemaname ?? ''}.${relation.relname ?? ''}`;
}

interface Downs {
  /** One for each segment; none where nothing takes them back. */
  readonly each: readonly (readonly string[])[];
  /** What becomes of the file's own down. */
  readonly changes: readonly Change[];
}

/** What takes back each segment. A file that has no down gets one where it can be whole. */
function downsOf(
  script: ReplayedScript,
  history: HistoryView,
  segments: readonly Segment[],
): Downs | { readonly refused: string } {
  const { down, tool } = script.file;
  const statements = down === undefined ? [] : statementsOf(down);
  const hasNone = down === undefined || statements.length === 0;
  const none: Downs = { each: [], changes: [] };
  if (hasNone && (tool === 'plain' || history.forwardOnly)) return none;
  const origins = originsOf(script, history);
  const owner = new Map<Step, Step>();
  let top: Step | undefined;
  for (const step of script.steps) {
    if (!step.nested) top = step;
    if (top !== undefined) owner.set(step, top);
  }
  const each: (readonly string[])[] = [];
  for (const { steps, transactional } of segments) {
    const wanted = (step: Step) => steps.includes(owner.get(step) ?? step);
    const taken = downOf(script, { origins, wanted });
    if ('refused' in taken) return hasNone ? none : taken;
    each.push(transactional ? taken.statements : taken.statements.map(againOf));
  }
  // What the down does with rows it goes on doing, where the rows are written.
  const rows = statements.filter(({ parsed }) => writtenTable(parsed.node) !== undefined).reverse();
  for (const { parsed } of rows) {
    const of = (step: Step) => writtenTable(step.node) === writtenTable(parsed.node);
    const at = Math.max(
      0,
      segments.findLastIndex(({ steps }) => steps.some(of)),
    );
    each[at] = [parsed.text, ...(each[at] ?? [])];
  }
  const after = schemaAfter(script.after, [...each].reverse().flat());
  if (after === undefined || schemaDifferences(script.before, after, script.steps).length > 0) {
    if (hasNone) return none;
    return { refused: 'downs of the parts cannot be written: together they would not lead back' };
  }
  const [own = []] = each;
  if (hasNone) {
    return { each, changes: own.length === 0 ? [] : [{ kind: 'prependToDown', statements: own }] };
  }
  const changes =
    own.length > 0
      ? inTheirPlace({ ...script, script: down }, own)
      : statements.map((statement): Change => ({ kind: 'removeStatement', statement }));
  return { each, changes };
}
