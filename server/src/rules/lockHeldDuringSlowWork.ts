import { displayName, indexOf } from '../catalog/catalog.ts';
import { lockOn, type RelationLock } from '../effects/effect.ts';
import { atLeast, blocks } from '../effects/lockMode.ts';
import type { Fix } from '../migrations/change.ts';
import { perStep } from '../replay/perStep.ts';
import type { Site } from '../replay/site.ts';
import { isNew, type Step } from '../replay/step.ts';
import { canComeLast } from '../rewrites/ownMigration.ts';
import { existingLocks } from './existingLocks.ts';
import { keywordsSpan } from './place.ts';
import { isBounded, rowWrites } from './rowWrites.ts';
import type { Rule } from './rule.ts';
import { type PartOfTransaction, transactionsAmong } from './transactions.ts';
import { validations } from './validateInSameTransaction.ts';
import { listedBriefly, statementInWords } from './wording.ts';

const ADD = 'ALTER TABLE orders ADD COLUMN state text;';

export const lockHeldDuringSlowWork: Rule = {
  id: 'lock-held-during-slow-work',
  category: 'transaction',
  level: 'warning',
  since: '0.1.0',
  peers: [
    'eugene E4',
    'pgls runningStatementWhileHoldingAccessExclusive',
    'pgfence statement-after-access-exclusive',
  ],
  summary: 'A table stays locked while a later statement of the transaction does slow work.',
  why: 'A lock is held until its transaction ends. A quick ALTER TABLE blocks its table for a moment when it is alone; followed by a statement that reads, writes or indexes a whole table in the same transaction, it blocks it for all of that. Put the slow statement into a migration of its own.',
  bad: () => [
    { files: [`-- +goose Up\n${ADD}\nUPDATE orders SET state = 'new';\n`] },
    {
      files: [`-- +goose Up\n${ADD}\nALTER TABLE carts VALIDATE CONSTRAINT c;\n`],
      fixed: `-- +goose Up\n${ADD}\n`,
      created: ['-- +goose Up\nALTER TABLE carts VALIDATE CONSTRAINT c;\n'],
    },
    { files: [`BEGIN;\n${ADD}\nALTER TABLE carts ADD COLUMN no bigserial;\nCOMMIT;`] },
    {
      files: [
        '-- +goose Up\nALTER TABLE orders ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES shops NOT VALID;\nDELETE FROM carts;\n',
      ],
    },
    { files: [`DO $$ BEGIN\n  ${ADD}\n  UPDATE carts SET a = 1;\nEND $$;`] },
    { files: [`-- +goose Up\n${ADD}\nCREATE TABLE copy AS SELECT * FROM carts;\n`] },
  ],
  good: () => [
    { files: [`-- +goose Up\n${ADD}\n`] },
    { files: [`${ADD}\nUPDATE orders SET state = 'new';`] },
    { files: [`-- +goose NO TRANSACTION\n-- +goose Up\n${ADD}\nUPDATE orders SET state = 'new';\n`] },
    { files: [`-- +goose Up\n${ADD}\nUPDATE orders SET state = 'new' WHERE id = 1;\n`] },
    { files: ["-- +goose Up\nUPDATE orders SET state = 'new';\nALTER TABLE orders ADD a int;\n"] },
    { files: [`-- +goose Up\n${ADD}\nCREATE INDEX i ON orders (state);\n`] },
    { files: ['-- +goose Up\nCREATE INDEX i ON orders (state);\nCREATE INDEX j ON carts (a);\n'] },
    { files: ['-- +goose Up\nALTER TABLE orders ADD a int;\nALTER TABLE orders ADD CHECK (a > 0);\n'] },
    {
      files: [
        '-- +goose Up\nALTER TABLE o ADD CONSTRAINT c CHECK (a > 0) NOT VALID;\nALTER TABLE o VALIDATE CONSTRAINT c;\n',
      ],
    },
    {
      files: [
        '-- +goose Up\nCREATE TABLE orders (a int);\nALTER TABLE orders ADD b int;\nUPDATE carts SET a = 1;\n',
      ],
    },
    {
      files: [`-- +goose Up\n${ADD}\nCREATE TABLE n (a int);\nCREATE INDEX ON n (a);\nUPDATE n SET a = 1;\n`],
    },
    {
      files: [
        `-- +goose Up\n${ADD}\nCREATE TABLE n (a int);\nALTER TABLE n ADD FOREIGN KEY (a) REFERENCES shops;\n`,
      ],
    },
    { files: [`BEGIN;\n${ADD}\nCOMMIT;\nUPDATE orders SET state = 'new';`] },
    { files: [`-- +goose Up\nSELECT 1;\n-- +goose Down\n${ADD}\nUPDATE orders SET state = 'new';\n`] },
  ],

  scriptConcerns: (step) => slowWork(step) !== undefined || strongLocks(step).length > 0,
  *checkScript(script, _history, concerning) {
    if (script.script.direction === 'down') return;
    const [first, ...others] = transactionsAmong(script, concerning).flatMap(slowSteps);
    if (first === undefined) return;
    const { step, held, by, work } = first;
    const name = displayName(held.relation);
    const [one = '', two = ''] = step.statement.tokens.map(({ value }) => value);
    const also = listedBriefly(others.map((each) => statementInWords(each.step)));
    yield {
      step,
      span: keywordsSpan(step.statement, one, two),
      message: `${name} stays locked against ${blocks(held.mode)} while this ${work}.`,
      why: `${statementInWords(by)} has taken ${held.mode} on ${name}, and holds it until the transaction ends: ${blocks(held.mode)} of ${name} wait for all of that. Put this statement into a migration of its own.${
        also === '' ? '' : ` The same is true of ${also}.`
      }`,
      fixes: inOwnMigration,
    };
  },
};

interface SlowStep {
  readonly step: Step;
  /** The lock that its transaction holds already, and the step that took it. */
  readonly held: RelationLock;
  readonly by: Step;
  /** "reads all of carts" */
  readonly work: string;
}

/** The slow steps of a transaction that hold up a lock which an earlier one has taken. */
function slowSteps({ first, steps }: PartOfTransaction): readonly SlowStep[] {
  const taken: { readonly lock: RelationLock; readonly by: Step }[] = [];
  const found: SlowStep[] = [];
  for (const step of steps) {
    const work = asksForMore(step, first) ? undefined : slowWork(step);
    // A lock that the slow statement takes itself would be held as long without the earlier one.
    const longer = taken.find(({ lock }) => {
      const own = lockOn(step.effect, lock.relation);
      return own === undefined || !atLeast(own, lock.mode);
    });
    if (work !== undefined && longer !== undefined)
      found.push({ step, held: longer.lock, by: longer.by, work });
    for (const lock of strongLocks(step)) taken.push({ lock, by: step });
  }
  return found;
}

/** The locks of a step that may not be held for long. */
const strongLocks = perStep((step) =>
  existingLocks(step).filter(({ mode }) => mode === 'ACCESS EXCLUSIVE' || mode === 'SHARE ROW EXCLUSIVE'),
);

/** Where another rule's fix takes the slow work out of the transaction anyway: an index that is to be built CONCURRENTLY. */
function asksForMore(step: Step, first: Step): boolean {
  return 'IndexStmt' in step.node || 'ReindexStmt' in step.node || validations(step, first).length > 0;
}

/** What the step does to a whole table that was there before the script. */
const slowWork = perStep((step: Step): string | undefined => {
  const { effect } = step;
  const written = effect.rewrites.find((key) => !isNew(step, key));
  if (written !== undefined) return `writes all of ${displayName(written)} anew`;
  // The other side of a foreign key is looked up row by row: how long that takes, the referencing table decides.
  const lookedUp = 'AlterTableStmt' in step.node;
  const read = effect.scans.find(
    ({ relation, reason }) => !isNew(step, relation) && !(lookedUp && reason === 'read'),
  );
  if (read !== undefined)
    return `${read.reason === 'indexBuild' ? 'builds an index over' : 'reads'} all of ${displayName(read.relation)}`;
  const built = effect.reindexes.find((key) => !isNew(step, key));
  const table = indexOf(step.before, built)?.table;
  if (table !== undefined) return `builds an index over all of ${displayName(table)}`;
  const write = rowWrites(step).find((each) => !isBounded(step, each));
  if (write === undefined) return undefined;
  return `${write.verb === 'UPDATE' ? 'updates' : 'deletes'} rows all over ${displayName(write.table)}`;
});

/** What reads or fills only, and can as well come last. */
function inOwnMigration(site: Site): readonly Fix[] {
  const { step, statement, script } = site;
  const validates =
    'AlterTableStmt' in step.node &&
    (step.node.AlterTableStmt.cmds ?? []).every(
      (each) => 'AlterTableCmd' in each && each.AlterTableCmd.subtype === 'AT_ValidateConstraint',
    );
  if (step.nested || script.direction !== 'up' || !validates || !canComeLast(site)) return [];
  const table = step.mentions.find((each) => each.role === 'needs')?.name ?? 'constraint';
  return [
    {
      title: 'Move it into a migration of its own',
      grade: 'review',
      changes: [
        {
          kind: 'moveToNewMigration',
          statements: [statement],
          migration: { name: `validate_${table}`, transactional: true, up: [step.statement.text], down: [] },
        },
      ],
    },
  ];
}
