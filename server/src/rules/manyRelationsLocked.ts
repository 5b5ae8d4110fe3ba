import { displayName, tableOf } from '../catalog/catalog.ts';
import { perStep } from '../replay/perStep.ts';
import type { Step } from '../replay/step.ts';
import { existingLocks } from './existingLocks.ts';
import { keywordsSpan } from './place.ts';
import type { Rule } from './rule.ts';
import { transactionsAmong } from './transactions.ts';
import { listedBriefly } from './wording.ts';

/** From this many on. */
const MANY = 3;

export const manyRelationsLocked: Rule = {
  id: 'many-relations-locked',
  category: 'transaction',
  level: 'information',
  since: '0.1.0',
  peers: ['eugene W12', 'pgls multipleAlterTable'],
  summary: 'One transaction locks several existing tables.',
  why: 'The locks are collected one after the other and all held until the end: while the transaction waits for the last, the first is blocked already, and an application that takes the same tables in another order runs into a deadlock. Split the file, one table or two at a time.',
  bad: [
    {
      files: ['-- +goose Up\nALTER TABLE a ADD x int;\nALTER TABLE b ADD x int;\nALTER TABLE c ADD x int;\n'],
    },
    {
      files: [
        'BEGIN;\nALTER TABLE a ADD x int;\nALTER TABLE b ADD FOREIGN KEY (x) REFERENCES c NOT VALID;\nCOMMIT;',
      ],
    },
    { files: ['DROP TABLE a, b, c;'] },
  ],
  good: [
    { files: ['ALTER TABLE a ADD x int;\nALTER TABLE b ADD x int;\nALTER TABLE c ADD x int;'] },
    {
      files: ['-- +goose Up\nALTER TABLE a ADD x int;\nALTER TABLE b ADD x int;\nALTER TABLE a ADD y int;\n'],
    },
    {
      files: [
        '-- +goose Up\nCREATE TABLE c (y int);\nALTER TABLE a ADD x int;\nALTER TABLE b ADD x int;\nALTER TABLE c ADD x int;\n',
      ],
    },
    {
      files: ['-- +goose Up\nCREATE INDEX i ON a (x);\nCREATE INDEX j ON b (x);\nCREATE INDEX k ON c (x);\n'],
    },
    {
      files: [
        'CREATE TABLE m (id int) PARTITION BY RANGE (id);\nCREATE TABLE m_1 PARTITION OF m DEFAULT;\nCREATE TABLE m_2 PARTITION OF m FOR VALUES FROM (1) TO (2);',
        '-- +goose Up\nALTER TABLE m ADD x int;\n',
      ],
    },
    {
      files: [
        '-- +goose Up\nSELECT 1;\n-- +goose Down\nALTER TABLE a DROP x;\nALTER TABLE b DROP x;\nALTER TABLE c DROP x;\n',
      ],
    },
  ],

  scriptConcerns: (step) => stronglyLocked(step).length > 0,
  *checkScript(script, _history, concerning) {
    if (script.script.direction === 'down') return;
    for (const { steps } of transactionsAmong(script, concerning)) {
      const locked = new Set<string>();
      let at: Step | undefined;
      for (const step of steps) {
        for (const relation of stronglyLocked(step)) locked.add(relation);
        if (locked.size >= MANY) at ??= step;
      }
      if (at === undefined) continue;
      const names = [...locked].map(displayName);
      const [one = '', two = ''] = at.statement.tokens.map(({ value }) => value);
      yield {
        step: at,
        span: keywordsSpan(at.statement, one, two),
        message: `One transaction locks ${names.length} existing relations: ${listedBriefly(names)}.`,
        why: 'While it waits for one of them, those before it are blocked already, and all stay blocked until the end; sessions that take them in another order end in a deadlock. Split the migration.',
      };
    }
  },
};

/** What the step locks against writes or more; partitions count with their partitioned table. */
const stronglyLocked = perStep((step: Step): readonly string[] =>
  existingLocks(step).flatMap(({ relation, mode }) =>
    mode === 'ACCESS EXCLUSIVE' || mode === 'SHARE ROW EXCLUSIVE' ? [root(step, relation)] : [],
  ),
);

function root(step: Step, relation: string): string {
  const parent = tableOf(step.before, relation)?.partitionOf?.parent;
  return parent === undefined ? relation : root(step, parent);
}
