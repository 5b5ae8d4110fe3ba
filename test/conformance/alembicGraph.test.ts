import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { plainFormat } from '../../server/src/migrations/formats/plain.ts';
import type { Turn } from '../../server/src/migrations/history.ts';
import type { MigrationFile } from '../../server/src/migrations/migration.ts';
import { RevisionError } from '../../server/src/migrations/revisionError.ts';
import { type RevisionGraph, revisionGraph } from '../../server/src/migrations/revisionGraph.ts';
import { revisionHistory } from '../../server/src/migrations/revisionHistory.ts';
import {
  downgradePlan,
  type RevisionStep,
  stampPlan,
  upgradePlan,
} from '../../server/src/migrations/revisionPlan.ts';
import { withChanges } from '../../server/src/migrations/revisionRows.ts';

/*
 * Both files were made with alembic 1.20.0 on random graphs; SKEIN_ALEMBIC_GRAPHS names another one in place of the
 * first. alembic-targets.json has odder graphs and targets: labels in depends_on, graphs that alembic refuses, several
 * targets of one stamp, `label@name+N`. What differs from run to run in alembic itself (the order of its sets) is left out.
 */

type Names = string | readonly string[] | null;

interface Case {
  readonly cmd: 'up' | 'down' | 'stamp';
  /** The rows of the version table. */
  readonly from: readonly string[];
  readonly target: string | readonly string[];
  readonly error?: string;
  /** Ids in order; for a stamp what each step records. */
  readonly steps?: readonly (string | readonly string[])[];
  /** The rows afterwards, sorted. */
  readonly heads?: readonly string[];
}

interface Graph {
  /** Id, down_revision, depends_on, branch_labels. */
  readonly revs: readonly (readonly [string, Names, Names, Names])[];
  readonly heads?: readonly string[];
  readonly real_heads?: readonly string[];
  readonly bases?: readonly string[];
  /** Why alembic refuses the graph. */
  readonly error?: string;
  readonly cases: readonly Case[];
}

const here = (name: string) => new URL(name, import.meta.url);
const files = [process.env.SKEIN_ALEMBIC_GRAPHS ?? here('alembic-graph.json'), here('alembic-targets.json')];

describe.each(files)('the revision graphs of %s', (file) => {
  const graphs: readonly Graph[] = JSON.parse(readFileSync(file, 'utf8'));

  it("have alembic's heads and bases, or are refused in its words", () => {
    expect(graphs.length).toBeGreaterThan(0);
    for (const { cases: _, ...expected } of graphs) {
      const { problems, heads, effectiveHeads, bases } = graphOf(expected.revs);
      const ours =
        problems[0] === undefined
          ? { heads: ids(heads), real_heads: ids(effectiveHeads), bases: ids(bases) }
          : { error: problems[0].message };
      expect({ revs: expected.revs, ...ours }).toEqual(expected);
    }
  });

  it("take alembic's steps, or refuse in its words", () => {
    for (const { revs, cases } of graphs) {
      const graph = graphOf(revs);
      for (const expected of cases) {
        const { cmd, from, target } = expected;
        expect({ revs, cmd, from, target, ...outcome(graph, expected) }).toEqual({ revs, ...expected });
      }
    }
  });

  it('give each revision its turn behind what an upgrade to it would run', () => {
    for (const { revs } of graphs) {
      const graph = graphOf(revs);
      if (graph.problems.length > 0) continue;
      for (const turn of revisionHistory(filesOf(revs)).turns) {
        const { steps, error } = outcome(graph, { cmd: 'up', from: [], target: turn.path });
        if (error === undefined) expect({ revs, line: lineOf(turn) }).toEqual({ revs, line: steps });
      }
    }
  });
});

function filesOf(revs: Graph['revs']): MigrationFile[] {
  return [...graphOf(revs).nodes.values()].map((revision) => ({
    ...plainFormat().read({ path: revision.id, text: '', byteOrderMark: false }),
    revision,
  }));
}

function lineOf(turn: Turn | undefined): string[] {
  return turn === undefined ? [] : [...lineOf(turn.before), turn.path];
}

function graphOf(revs: Graph['revs']): RevisionGraph {
  return revisionGraph(
    revs.map(([id, downRevisions, dependsOn, branchLabels]) => ({
      id,
      downRevisions: listed(downRevisions),
      dependsOn: listed(dependsOn),
      branchLabels: listed(branchLabels),
    })),
  );
}

function outcome(graph: RevisionGraph, asked: Case): Pick<Case, 'error' | 'steps' | 'heads'> {
  try {
    const plan = planOf(graph, asked);
    return {
      steps: plan.map(({ revision }) => (asked.cmd === 'stamp' ? ids([revision]) : (revision?.id ?? ''))),
      heads: rowsAfter(graph, asked.from, plan),
    };
  } catch (error) {
    if (error instanceof RevisionError) return { error: error.message };
    throw error;
  }
}

function planOf(graph: RevisionGraph, { cmd, from, target }: Case): readonly RevisionStep[] {
  if (typeof target !== 'string') return stampPlan(graph, from, target);
  if (cmd === 'stamp') return stampPlan(graph, from, [target]);
  return (cmd === 'up' ? upgradePlan : downgradePlan)(graph, from, target);
}

function rowsAfter(graph: RevisionGraph, from: readonly string[], plan: readonly RevisionStep[]): string[] {
  const rows = new Set(from.flatMap((id) => graph.nodes.get(id) ?? []));
  const changes = plan.flatMap((step) => step.changes);
  return ids(withChanges(rows, changes, graph.nodes)).sort();
}

function ids(nodes: Iterable<{ readonly id: string } | undefined>): string[] {
  return [...nodes].flatMap((node) => node?.id ?? []);
}

function listed(names: Names): readonly string[] {
  return names === null ? [] : typeof names === 'string' ? [names] : names;
}
