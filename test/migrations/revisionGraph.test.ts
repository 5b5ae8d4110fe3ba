import { describe, expect, it } from 'vitest';
import { RevisionError } from '../../server/src/migrations/revisionError.ts';
import {
  type Revision,
  type RevisionGraph,
  revisionGraph,
} from '../../server/src/migrations/revisionGraph.ts';
import { newestFirst } from '../../server/src/migrations/revisionOrder.ts';
import {
  offlinePlan,
  type RevisionStep,
  stampPlan,
  upgradePlan,
} from '../../server/src/migrations/revisionPlan.ts';

/* What alembic does with sound graphs is held by test/conformance. */

describe('what is wrong with a graph', () => {
  it.each<[string, Revision[], string[]]>([
    ['a revision after itself', [revision('a', ['a'])], ['Self-loop is detected in revisions (a)']],
    [
      'a revision that depends on itself',
      [revision('a', [], { dependsOn: ['a'] })],
      ['Dependency self-loop is detected in revisions (a)'],
    ],
    [
      'two after each other',
      [revision('a', ['b']), revision('b', ['a'])],
      ['Cycle is detected in revisions (a, b)'],
    ],
    [
      'a cycle beside a sound line',
      [revision('z'), revision('c', ['b']), revision('b', ['c'])],
      ['Cycle is detected in revisions (b, c)'],
    ],
    [
      'a dependency on what comes later',
      [revision('a', [], { dependsOn: ['b'] }), revision('b', ['a'])],
      ['Dependency cycle is detected in revisions (a, b)'],
    ],
    [
      'a dependency on a label of its own',
      [revision('a', [], { dependsOn: ['one'], branchLabels: ['one'] })],
      ['Dependency cycle is detected in revisions (a)'],
    ],
    ['no such parent', [revision('a', ['gone'])], ['Revision gone referenced from a is not present']],
    [
      'a label for a parent',
      [revision('a', [], { branchLabels: ['one'] }), revision('b', ['one'])],
      ['Revision one referenced from b is not present'],
    ],
    ['an id twice', [revision('a'), revision('a')], ['Revision a is present more than once']],
    [
      'a label twice',
      [revision('a', [], { branchLabels: ['one'] }), revision('b', [], { branchLabels: ['one'] })],
      ["Branch name 'one' in revision b already used by revision a"],
    ],
    [
      'an id with a plus',
      [revision('a+@b')],
      ["Character(s) '+, @' not allowed in revision identifier 'a+@b'"],
    ],
  ])('%s', (_, revisions, messages) => {
    const graph = revisionGraph(revisions);
    expect(graph.problems.map(({ message }) => message)).toEqual(messages);
    expect(() => upgradePlan(graph, [], 'heads')).toThrow(new RevisionError(messages[0]));
  });
});

describe('the order of an unsound graph', () => {
  it('ends, whatever comes after what', () => {
    const graph = revisionGraph([revision('a', ['b']), revision('b', ['a', 'c']), revision('c', ['b'])]);
    const all = new Set(graph.nodes.values());
    expect(
      newestFirst(graph, all, all)
        .map(({ id }) => id)
        .sort(),
    ).toEqual(['a', 'b', 'c']);
  });
});

describe('a plan without a database', () => {
  const graph = revisionGraph([revision('aa'), revision('bb', ['aa']), revision('cc', ['bb'])]);

  it.each<['upgrade' | 'downgrade', string, string[]]>([
    ['upgrade', 'head', ['aa', 'bb', 'cc']],
    ['upgrade', 'aa:head', ['bb', 'cc']],
    ['upgrade', 'base:bb', ['aa', 'bb']],
    ['downgrade', 'head:aa', ['cc', 'bb']],
    ['downgrade', 'cc:-1', ['cc']],
  ])('%s %s', (direction, range, steps) => {
    expect(idsOf(offlinePlan(graph, direction, range))).toEqual(steps);
  });

  it('says where a downgrade starts', () => {
    expect(() => offlinePlan(graph, 'downgrade', 'aa')).toThrow(
      'downgrade with --sql requires <fromrev>:<torev>',
    );
  });

  it('is the only one that takes a range', () => {
    expect(() => upgradePlan(graph, [], 'aa:bb')).toThrow('Range revision not allowed');
  });
});

describe('the rows of the version table', () => {
  const fork: RevisionGraph = revisionGraph([
    revision('aa'),
    revision('b1', ['aa']),
    revision('b2', ['aa']),
    revision('cc', ['b1', 'b2']),
  ]);

  it('are one for each head, and one again after the merge', () => {
    expect(upgradePlan(fork, [], 'head').map(({ changes }) => changes)).toEqual([
      [{ kind: 'insert', id: 'aa' }],
      [{ kind: 'update', id: 'aa', to: 'b2' }],
      [{ kind: 'insert', id: 'b1' }],
      [
        { kind: 'delete', id: 'b1' },
        { kind: 'update', id: 'b2', to: 'cc' },
      ],
    ]);
  });

  it('are deleted by a stamp of the base', () => {
    expect(stampPlan(fork, ['b1', 'b2'], ['base']).flatMap(({ changes }) => changes)).toEqual([
      { kind: 'delete', id: 'b1' },
      { kind: 'delete', id: 'b2' },
    ]);
  });
});

function revision(id: string, downRevisions: readonly string[] = [], more: Partial<Revision> = {}): Revision {
  return { id, downRevisions, dependsOn: [], branchLabels: [], ...more };
}

function idsOf(plan: readonly RevisionStep[]): (string | undefined)[] {
  return plan.map(({ revision }) => revision?.id);
}
