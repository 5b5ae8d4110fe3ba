import type { Change, Fix } from '../migrations/change.ts';
import { type Script, statementsOf } from '../migrations/migration.ts';
import { inTransactionBlock } from '../replay/step.ts';
import type { Statement } from '../sql/statement.ts';
import type { Site } from './rule.ts';

/** A statement that cannot run in a transaction block, and how it is written. */
export interface OutsideTransaction {
  /** "Add CONCURRENTLY": the beginning of each title. */
  readonly title: string;
  /** What makes of the statement, where it stands, the form that runs outside a transaction. */
  readonly inPlace: readonly Change[];
  /** The statement in that form. */
  readonly up: readonly string[];
  /** What undoes it, in that form. */
  readonly down: readonly string[];
  /** Statements of the other direction that undo it today and would have nothing left to undo. */
  readonly undoing: readonly Statement[];
  /** The new migration's name, where it gets one. */
  readonly name: string;
}

/**
 * The way to run a statement outside its tool's transaction: where it stands, when nothing holds it; the file opts
 * out, when it holds nothing else; else it moves into a migration of its own.
 */
export function runOutsideTransaction(site: Site, form: OutsideTransaction): readonly Fix[] {
  const { step, file, script } = site;
  if (step.nested) return [];
  const held = inTransactionBlock(step) || (step.placement.mode === 'oneQueryString' && step.placement.inCompany);
  if (!held) return [{ title: form.title, grade: 'safe', changes: form.inPlace }];
  const alone = count(script) === 1 && count(script === file.up ? file.down : file.up) <= 1;
  if (step.session.transaction === 'tool' && alone) {
    return [
      {
        title: `${form.title} and opt the file out of its transaction`,
        grade: 'safe',
        changes: [...form.inPlace, { kind: 'setTransactional', transactional: false }],
      },
    ];
  }
  if (script.direction !== 'up') return [];
  return [
    {
      title: `${form.title} in a migration of its own`,
      grade: 'review',
      changes: [
        {
          kind: 'moveToNewMigration',
          statements: [site.statement, ...form.undoing],
          migration: { name: form.name, transactional: false, up: form.up, down: form.down },
        },
      ],
    },
  ];
}

function count(script: Script | undefined): number {
  return script === undefined ? 0 : [...statementsOf(script)].length;
}
