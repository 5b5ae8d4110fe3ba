import { inTransactionBlock } from '../replay/step.ts';
import { clausesToRunAgain, existsClause } from '../rewrites/existsClause.ts';
import { justDropped } from './notIdempotent.ts';
import { keywordsSpan } from './place.ts';
import type { Rule } from './rule.ts';
import { listed } from './wording.ts';

export const downNotIdempotent: Rule = {
  id: 'down-not-idempotent',
  category: 'reversibility',
  level: 'warning',
  since: '0.1.0',
  peers: [],
  summary: 'A statement of the down fails when it is run again.',
  why: 'A down is run when something went wrong, often after an up that stopped half-way: then part of what it undoes is not there. IF EXISTS, IF NOT EXISTS and OR REPLACE let it go on. In a transactional file a failure takes everything back, so there this is information only.',
  bad: () => [
    {
      files: [
        '-- +goose NO TRANSACTION\n-- +goose Up\nCREATE INDEX CONCURRENTLY IF NOT EXISTS o_a ON o (a);\n-- +goose Down\nDROP INDEX CONCURRENTLY o_a;\n',
      ],
      fixed:
        '-- +goose NO TRANSACTION\n-- +goose Up\nCREATE INDEX CONCURRENTLY IF NOT EXISTS o_a ON o (a);\n-- +goose Down\nDROP INDEX CONCURRENTLY IF EXISTS o_a;\n',
    },
    { files: ['-- +goose Up\nALTER TABLE o ADD a int;\n-- +goose Down\nALTER TABLE o DROP COLUMN a;\n'] },
  ],
  good: () => [
    {
      files: [
        '-- +goose Up\nALTER TABLE o ADD a int;\n-- +goose Down\nALTER TABLE o DROP COLUMN IF EXISTS a;\n',
      ],
    },
    { files: ['-- +goose Up\nCREATE TABLE o (id int);\n-- +goose Down\nDROP TABLE IF EXISTS o;\n'] },
    {
      files: [
        '-- +goose Up\nSELECT 1;\n-- +goose Down\nDROP VIEW IF EXISTS v;\nCREATE VIEW v AS SELECT 1;\n',
      ],
    },
    { files: ['-- +goose Up\nDROP TABLE o;\n'] },
  ],

  *checkStep(step, { postgresVersion }) {
    if (step.placement.direction !== 'down' || step.conditional || justDropped(step)) return;
    const clauses = existsClause(step.statement, postgresVersion);
    if (clauses.length === 0) return;
    const texts = [...new Set(clauses.map((each) => each.text))];
    const transactional = inTransactionBlock(step);
    yield {
      span: keywordsSpan(step.statement, step.statement.tokens[1]?.value ?? ''),
      ...(transactional ? { severity: 'information' as const } : {}),
      message: `This statement of the down fails when it is run again: it lacks ${listed(texts)}.`,
      why: transactional
        ? 'The down runs in one transaction, so a failure takes everything back; it matters where the up was undone by hand in part.'
        : 'The down does not run in one transaction: when a later statement fails, this one has been done, and the next run stops here.',
      fixes: ({ statement }) =>
        step.nested
          ? []
          : [
              {
                title: `Add ${listed(texts)}`,
                grade: transactional ? 'review' : 'safe',
                changes: clausesToRunAgain(step, postgresVersion).map((clause) => ({
                  kind: 'insertClause',
                  statement,
                  ...clause,
                })),
              },
            ],
    };
  },
};
