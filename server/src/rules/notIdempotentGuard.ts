import type { AlterTableStmt, Node } from '@pgsql/types';
import { displayName, writtenName } from '../catalog/catalog.ts';
import { keyForNew, keyForNewRelation, keyOfRangeVar, qualified, stringsOf } from '../catalog/resolve.ts';
import type { Change, Fix } from '../migrations/change.ts';
import { perStep } from '../replay/perStep.ts';
import type { Site } from '../replay/site.ts';
import { inTransactionBlock, partKey, type Step } from '../replay/step.ts';
import { existsClause } from '../rewrites/existsClause.ts';
import { type GuardedConstraint, guardedConstraint, renameIsDue, runIf } from '../rewrites/guards.ts';
import { quoteLiteral, quoteName } from '../sql/names.ts';
import type { Span } from '../sql/span.ts';
import { type AlterTableCommandSpans, alterTableCommands } from '../sql/spans/alterTable.ts';
import { keywordsSpan } from './place.ts';
import type { Rule, StepReport } from './rule.ts';

export const notIdempotentGuard: Rule = {
  id: 'not-idempotent-guard',
  category: 'idempotency',
  level: 'warning',
  since: '0.1.0',
  peers: ['squawk prefer-robust-stmts', 'pgsafe require-if-exists'],
  summary: 'The statement fails when it is run again, and PostgreSQL has no IF NOT EXISTS for it.',
  why: 'A file that does not run in one transaction can stop half-way, and the next run fails on what was done already. CREATE TYPE and DOMAIN, ADD CONSTRAINT, CREATE POLICY, constraint triggers (to 13 all triggers), roles and RENAME know no IF NOT EXISTS: drop the object first with IF EXISTS, or look in the catalog first, in a DO block. In a transactional file a failure takes everything back, so there this is information only.',
  bad: () => [
    {
      files: ["CREATE TYPE mood AS ENUM ('ok', 'sad');"],
      fixed:
        "DO $$ BEGIN IF to_regtype('mood') IS NULL THEN CREATE TYPE mood AS ENUM ('ok', 'sad'); END IF; END $$;",
    },
    { files: ['CREATE TYPE shop.pair AS (a int, b int);\nCREATE TYPE span AS RANGE (subtype = int);'] },
    { files: ['CREATE DOMAIN percent AS int CHECK (VALUE < 100);'] },
    {
      files: ['ALTER TABLE orders ADD CONSTRAINT total_pos CHECK (total > 0) NOT VALID;'],
      fixed:
        "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_constraint WHERE conrelid = to_regclass('orders') AND conname = 'total_pos') THEN ALTER TABLE orders ADD CONSTRAINT total_pos CHECK (total > 0) NOT VALID; END IF; END $$;",
    },
    {
      files: [
        'CREATE TABLE orders (total int);',
        'ALTER TABLE orders ADD b int, ADD CHECK (total > 0) NOT VALID;',
      ],
      fixed:
        "ALTER TABLE orders ADD b int;\nDO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_constraint WHERE conrelid = to_regclass('orders') AND conname = 'orders_total_check') THEN ALTER TABLE orders ADD CONSTRAINT orders_total_check CHECK (total > 0) NOT VALID; END IF; END $$;",
    },
    {
      files: ['CREATE POLICY own ON shop.orders USING (owner = current_user);'],
      fixed:
        'DROP POLICY IF EXISTS own ON shop.orders;\nCREATE POLICY own ON shop.orders USING (owner = current_user);',
    },
    {
      files: ['CREATE TRIGGER touch BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION touch();'],
      postgresVersion: 13,
      fixed:
        'DROP TRIGGER IF EXISTS touch ON orders;\nCREATE TRIGGER touch BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION touch();',
    },
    {
      files: [
        'CREATE CONSTRAINT TRIGGER touch AFTER UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION touch();',
      ],
    },
    { files: ['CREATE ROLE app LOGIN;'] },
    {
      files: ['ALTER TABLE orders RENAME TO purchases;'],
      fixed:
        "DO $$ BEGIN IF to_regclass('orders') IS NOT NULL AND to_regclass('purchases') IS NULL THEN ALTER TABLE orders RENAME TO purchases; END IF; END $$;",
    },
    { files: ['ALTER TABLE IF EXISTS orders RENAME COLUMN a TO b;'] },
    { files: ["-- +goose Up\nCREATE TYPE mood AS ENUM ('ok');\n"] },
  ],
  good: () => [
    { files: ["DROP TYPE IF EXISTS mood;\nCREATE TYPE mood AS ENUM ('ok');"] },
    {
      files: [
        "DO $$ BEGIN CREATE TYPE mood AS ENUM ('ok'); EXCEPTION WHEN duplicate_object THEN NULL; END $$;",
      ],
    },
    {
      files: [
        "DO $$ BEGIN IF to_regtype('mood') IS NULL THEN CREATE TYPE mood AS ENUM ('ok'); END IF; END $$;",
      ],
    },
    { files: ['ALTER TABLE o DROP CONSTRAINT IF EXISTS c;\nALTER TABLE o ADD CONSTRAINT c CHECK (a > 0);'] },
    { files: ['ALTER TABLE o DROP CONSTRAINT IF EXISTS c, ADD CONSTRAINT c CHECK (a > 0);'] },
    { files: ['DROP POLICY IF EXISTS own ON o;\nCREATE POLICY own ON o USING (true);'] },
    {
      files: ['CREATE TRIGGER touch BEFORE UPDATE ON o FOR EACH ROW EXECUTE FUNCTION touch();'],
      postgresVersion: 14,
    },
    {
      files: [
        'DROP TRIGGER IF EXISTS touch ON o;\nCREATE TRIGGER touch BEFORE UPDATE ON o FOR EACH ROW EXECUTE FUNCTION touch();',
      ],
      postgresVersion: 13,
    },
    { files: ['DROP ROLE IF EXISTS app;\nCREATE ROLE app;'] },
    { files: ['ALTER TABLE IF EXISTS orders RENAME TO purchases;'] },
    { files: ['CREATE TABLE IF NOT EXISTS o (id int CONSTRAINT id_pos CHECK (id > 0));'] },
    { files: ["-- +goose Up\nSELECT 1;\n-- +goose Down\nCREATE TYPE mood AS ENUM ('ok');\n"] },
  ],

  scriptConcerns: (step) => rolesDropped(step.node).length > 0 || unguarded(step).length > 0,
  *checkScript({ script }, { postgresVersion }, concerning) {
    if (script.direction === 'down') return;
    const droppedRoles = new Set<string>();
    for (const step of concerning) {
      for (const role of rolesDropped(step.node)) droppedRoles.add(role);
      for (const each of unguarded(step)) {
        if (each.isTrigger && existsClause(step.statement, postgresVersion).length > 0) continue;
        if (each.key !== undefined && step.cleared.has(each.key)) continue;
        if (each.role !== undefined && droppedRoles.has(each.role)) continue;
        yield { step, ...report(step, each) };
      }
    }
  },
};

/** Something that fails when it is there already (or, of a RENAME, is gone), and that no clause of SQL makes safe. */
interface Unguarded {
  readonly what: string;
  readonly span: Span;
  /** Its `mentionKey`: nothing to say once the script has dropped it. */
  readonly key?: string;
  readonly role?: string;
  /** From 14 on OR REPLACE helps all but constraint triggers. */
  readonly isTrigger?: true;
  /** What lets it run again. */
  readonly guard?: () => Guard | undefined;
}

/** A statement that takes away what is there, or a condition under which there is something to do. */
type Guard =
  | { readonly drop: string }
  | { readonly condition: string | undefined }
  | { readonly constraint: GuardedConstraint };

function report(step: Step, { what, span, guard }: Unguarded): StepReport {
  const transactional = inTransactionBlock(step);
  return {
    span,
    ...(transactional ? { severity: 'information' as const } : {}),
    message: `${what} fails when it is run again, and has no IF NOT EXISTS.`,
    why: transactional
      ? 'The file runs in one transaction, so a failure takes everything back; it matters only where the change was made by hand before.'
      : 'The file does not run in one transaction: when a later statement fails, this one has been done, and the next run stops here. Drop the object with IF EXISTS first, or look in the catalog first, in a DO block.',
    fixes: (site) => guarded(step, site, guard?.()),
  };
}

function guarded(step: Step, { statement }: Site, guard: Guard | undefined): readonly Fix[] {
  if (step.nested || guard === undefined) return [];
  if ('drop' in guard) {
    const changes = [{ kind: 'insertBefore', statement, text: guard.drop } as const];
    return [{ title: 'Drop it first, if it is there', grade: 'review', changes }];
  }
  if ('constraint' in guard) {
    const { stays, guarded: text } = guard.constraint;
    const changes: readonly Change[] =
      stays === undefined
        ? [{ kind: 'replaceStatement', statement, text }]
        : [
            { kind: 'replaceStatement', statement, text: stays },
            { kind: 'insertAfter', statement, text },
          ];
    return [{ title: 'Add it only if it is not there', grade: 'review', comesLast: true, changes }];
  }
  const text = guard.condition && runIf(guard.condition, step.statement.text);
  if (!text) return [];
  const changes = [{ kind: 'replaceStatement', statement, text } as const];
  return [{ title: 'Do it only if it is still to be done', grade: 'review', comesLast: true, changes }];
}

/** Where no clause of any version helps, and triggers. */
const unguarded = perStep((step) => (step.conditional ? [] : [...unguardedIn(step)]));

function* unguardedIn(step: Step): Generator<Unguarded> {
  const { node } = step;
  const made = typeMade(step);
  if (made !== undefined) {
    const literal = quoteLiteral(writtenName(made.key));
    yield {
      what: made.what,
      span: keywordsSpan(step.statement, 'create', made.keyword),
      key: made.key,
      guard: () => ({ condition: `to_regtype(${literal}) IS NULL` }),
    };
  } else if ('AlterTableStmt' in node && node.AlterTableStmt.objtype === 'OBJECT_TYPE') {
    yield* attributesAdded(step, node.AlterTableStmt);
  } else if ('AlterTableStmt' in node) yield* constraintsAdded(step);
  else if ('CreatePolicyStmt' in node) {
    const { table, policy_name = '' } = node.CreatePolicyStmt;
    yield onTable(
      step,
      'POLICY',
      'CREATE POLICY',
      keyOfRangeVar(step.before, step.session, table),
      policy_name,
    );
  } else if ('CreateTrigStmt' in node) {
    const { relation, trigname = '', replace } = node.CreateTrigStmt;
    if (replace === true) return;
    const table = keyOfRangeVar(step.before, step.session, relation);
    yield { ...onTable(step, 'TRIGGER', 'CREATE TRIGGER', table, trigname), isTrigger: true };
  } else if ('CreateRoleStmt' in node) {
    const role = node.CreateRoleStmt.role ?? '';
    const condition = `NOT EXISTS (SELECT FROM pg_roles WHERE rolname = ${quoteLiteral(role)})`;
    yield {
      what: 'CREATE ROLE',
      span: keywordsSpan(step.statement, 'create'),
      role,
      guard: () => ({ condition }),
    };
  } else if ('RenameStmt' in node && !passesOver(node.RenameStmt)) {
    yield {
      what: 'RENAME',
      span: keywordsSpan(step.statement, 'alter'),
      guard: () => ({ condition: renameIsDue(step) }),
    };
  } else if ('AlterEnumStmt' in node && node.AlterEnumStmt.oldVal !== undefined) {
    yield {
      what: 'RENAME VALUE',
      span: keywordsSpan(step.statement, 'alter'),
      guard: () => ({ condition: renameIsDue(step) }),
    };
  }
}

/** IF EXISTS passes over a renamed object that is gone; but not over a part that is gone of a table that is there. */
function passesOver({ missing_ok, renameType = '' }: { missing_ok?: boolean; renameType?: string }): boolean {
  return missing_ok === true && renameType !== 'OBJECT_COLUMN' && renameType !== 'OBJECT_TABCONSTRAINT';
}

interface TypeMade {
  readonly what: string;
  readonly keyword: string;
  readonly key: string;
}

function typeMade(step: Step): TypeMade | undefined {
  const { node, session } = step;
  const named = (names: Node[] | undefined): string => {
    const { schema, name } = qualified(stringsOf(names));
    return keyForNew(session, schema, name);
  };
  const type = { what: 'CREATE TYPE', keyword: 'type' };
  if ('CreateEnumStmt' in node) return { ...type, key: named(node.CreateEnumStmt.typeName) };
  if ('CreateRangeStmt' in node) return { ...type, key: named(node.CreateRangeStmt.typeName) };
  if ('CompositeTypeStmt' in node) {
    return { ...type, key: keyForNewRelation(session, node.CompositeTypeStmt.typevar) };
  }
  if ('CreateDomainStmt' in node) {
    return { what: 'CREATE DOMAIN', keyword: 'domain', key: named(node.CreateDomainStmt.domainname) };
  }
  return undefined;
}

function* constraintsAdded(step: Step): Generator<Unguarded> {
  if (!('AlterTableStmt' in step.node)) return;
  const table = keyOfRangeVar(step.before, step.session, step.node.AlterTableStmt.relation);
  const commands = alterTableCommands(step.statement);
  const dropped = new Set(
    commands.flatMap(({ command }) => (command.subtype === 'AT_DropConstraint' ? (command.name ?? []) : [])),
  );
  for (const spans of commands) {
    const { command, constraint, span } = spans;
    if (command.subtype !== 'AT_AddConstraint' || command.def === undefined || !('Constraint' in command.def))
      continue;
    const node = command.def.Constraint;
    const name = node.conname ?? node.indexname;
    if (name !== undefined && dropped.has(name)) continue;
    yield {
      what: 'ADD CONSTRAINT',
      span: constraint ?? span,
      ...(name === undefined ? {} : { key: partKey(table, name) }),
      guard: () => constraintGuard(step, table, spans, name),
    };
  }
}

/** ADD ATTRIBUTE: the statement as a whole, which mostly adds one. */
function* attributesAdded(step: Step, { relation, cmds }: AlterTableStmt): Generator<Unguarded> {
  const added = (cmds ?? []).flatMap((each) =>
    'AlterTableCmd' in each && each.AlterTableCmd.subtype === 'AT_AddColumn' ? each.AlterTableCmd : [],
  );
  const [first] = added;
  if (first?.def === undefined || !('ColumnDef' in first.def)) return;
  const name = quoteLiteral(first.def.ColumnDef.colname ?? '');
  const type = quoteLiteral(writtenName(keyOfRangeVar(step.before, step.session, relation)));
  const alone = cmds?.length === 1;
  yield {
    what: 'ADD ATTRIBUTE',
    span: keywordsSpan(step.statement, 'alter'),
    guard: () =>
      alone
        ? {
            condition: `NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass(${type}) AND attname = ${name} AND NOT attisdropped)`,
          }
        : undefined,
  };
}

function constraintGuard(
  step: Step,
  table: string,
  spans: AlterTableCommandSpans,
  name: string | undefined,
): Guard | undefined {
  const constraint = guardedConstraint(step, table, spans);
  if (constraint !== undefined) return { constraint };
  return name === undefined
    ? undefined
    : { drop: `ALTER TABLE ${writtenName(table)} DROP CONSTRAINT IF EXISTS ${quoteName(name)}` };
}

function onTable(step: Step, kind: string, what: string, table: string, name: string): Unguarded {
  return {
    what: `${what} on ${displayName(table)}`,
    span: keywordsSpan(step.statement, 'create', kind.toLowerCase()),
    key: partKey(table, name),
    guard: () => ({ drop: `DROP ${kind} IF EXISTS ${quoteName(name)} ON ${writtenName(table)}` }),
  };
}

function rolesDropped(node: Node): readonly string[] {
  if (!('DropRoleStmt' in node)) return [];
  return (node.DropRoleStmt.roles ?? []).flatMap((each) =>
    'RoleSpec' in each ? (each.RoleSpec.rolename ?? []) : [],
  );
}
