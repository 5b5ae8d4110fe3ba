import { objectKey, writtenName } from '../catalog/catalog.ts';
import { keyOfRangeVar, objectKeyParts } from '../catalog/resolve.ts';
import type { Step } from '../replay/step.ts';
import { chosenIndexName } from '../rewrites/chosenIndexName.ts';
import { clausesToRunAgain, withClauses } from '../rewrites/existsClause.ts';
import { migrationName } from '../rewrites/migrationName.ts';
import type { Offer } from '../rewrites/offer.ts';
import { insertNotIdempotent } from './insertNotIdempotent.ts';
import { notIdempotent } from './notIdempotent.ts';
import { notIdempotentGuard } from './notIdempotentGuard.ts';
import { keywordsSpan } from './place.ts';
import type { HistoryView, ReplayedScript, Rule } from './rule.ts';
import { type Segment, splitScript, topSteps } from './splitScript.ts';
import { listedBriefly, statementInWords } from './wording.ts';

export const mixedTransactional: Rule = {
  id: 'mixed-transactional',
  category: 'transaction',
  level: 'warning',
  since: '0.1.0',
  peers: ['squawk (PR 1311)'],
  summary: 'A file without a transaction holds several statements, not all of which can run again.',
  why: 'The file opts out of its tool’s transaction, so each statement is committed by itself. When one fails, those before it stay, the migration counts as not done, and the next run starts with the first again. Put one statement into a file, or make each such that it can run again.',
  bad: () => [
    {
      files: [
        '-- +goose NO TRANSACTION\n-- +goose Up\nALTER TABLE orders ADD COLUMN code text;\nCREATE INDEX CONCURRENTLY IF NOT EXISTS i ON orders (code);\n',
      ],
    },
    {
      files: [
        '-- +goose NO TRANSACTION\n-- +goose Up\nCREATE INDEX CONCURRENTLY IF NOT EXISTS i ON orders (code);\nALTER TABLE orders ADD CONSTRAINT c CHECK (code > 0) NOT VALID;\n',
      ],
    },
  ],
  good: () => [
    {
      files: ['-- +goose NO TRANSACTION\n-- +goose Up\nCREATE INDEX CONCURRENTLY i ON orders (code);\n'],
    },
    {
      files: [
        '-- +goose NO TRANSACTION\n-- +goose Up\nDROP INDEX CONCURRENTLY IF EXISTS i;\nCREATE INDEX CONCURRENTLY i ON orders (code);\nCREATE INDEX CONCURRENTLY IF NOT EXISTS j ON orders (a);\nVACUUM orders;\n',
      ],
    },
    { files: ['-- +goose Up\nALTER TABLE orders ADD a int;\nALTER TABLE orders ADD b int;\n'] },
    { files: ['ALTER TABLE orders ADD a int;\nALTER TABLE orders ADD b int;'] },
    {
      files: [
        '-- +goose NO TRANSACTION\n-- +goose Up\nVACUUM orders;\n-- +goose Down\nDROP TABLE a;\nDROP TABLE b;\n',
      ],
    },
  ],

  *checkScript(whole, history) {
    const { file, script, steps } = whole;
    if (script.direction === 'down' || file.tool === 'plain' || file.transactional) return;
    const statements = steps.filter((step) => !step.nested);
    const [first] = statements;
    const once = stepsThatRunOnce(whole, history);
    if (first === undefined || statements.length < 2 || once.length === 0) return;
    yield {
      step: first,
      span: keywordsSpan(first.statement),
      message: `This file runs ${statements.length} statements without a transaction: a failure in the middle leaves it half applied.`,
      why: `What ran before the failure stays, and the next run starts from the top; ${listedBriefly(once.map(statementInWords))} cannot run again. Put each statement into a file of its own, or make each such that it can run again.`,
      fixes: () => oneByOne(whole, history),
    };
  },
};

/** What cannot have a transaction alone in its file, what can have one together; what a session is set to goes along. */
function oneByOne(script: ReplayedScript, history: HistoryView): readonly Offer[] {
  const segments: Segment[] = [];
  let settings: Step[] = [];
  for (const { step } of topSteps(script)) {
    if ('VariableSetStmt' in step.node) {
      settings.push(step);
      continue;
    }
    const transactional = step.effect.refusedInTransaction === undefined;
    const last = segments.at(-1);
    if (transactional && last?.transactional === true && settings.length === 0) {
      segments[segments.length - 1] = { ...last, steps: [...last.steps, step] };
      continue;
    }
    const steps = [...settings, step];
    segments.push({
      steps,
      transactional,
      name: migrationName(script.file.name, String(segments.length + 1)),
      does: transactional ? 'runs in one transaction' : 'runs outside a transaction, alone',
      ...(transactional ? {} : { up: steps.flatMap((each) => againOf(each, history.postgresVersion)) }),
    });
    settings = [];
  }
  if (settings.length > 0) return [];
  return splitScript(script, history, 'Run each statement for itself', segments);
}

/** A statement such that it can run again; before an index that is built CONCURRENTLY, what a failed run has left goes. */
function againOf(step: Step, postgresVersion: number): readonly string[] {
  const { node, statement } = step;
  const text = withClauses(statement.text, clausesToRunAgain(step, postgresVersion));
  if (!('IndexStmt' in node) || node.IndexStmt.concurrent !== true) return [text];
  const name = node.IndexStmt.idxname ?? chosenIndexName(step);
  const { schema } = objectKeyParts(keyOfRangeVar(step.before, step.session, node.IndexStmt.relation));
  if (name === undefined) return [text];
  return [`DROP INDEX CONCURRENTLY IF EXISTS ${writtenName(objectKey(schema, name))}`, text];
}

/** The steps whose second run fails, or does more: the rules of idempotency speak of them. */
function stepsThatRunOnce(script: ReplayedScript, history: HistoryView): readonly Step[] {
  const rules = [notIdempotent, notIdempotentGuard, insertNotIdempotent];
  const whole = rules.flatMap((rule) =>
    [...(rule.checkScript?.(script, history, script.steps) ?? [])].flatMap(({ step }) => step ?? []),
  );
  const single = script.steps.filter((step) =>
    rules.some((rule) => [...(rule.checkStep?.(step, history) ?? [])].length > 0),
  );
  return [...single, ...whole];
}
