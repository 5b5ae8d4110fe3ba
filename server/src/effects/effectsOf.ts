import type { CreateSchemaStmt, Node } from '@pgsql/types';
import { apply } from '../catalog/apply.ts';
import { alterTable } from './alterTable.ts';
import { comment } from './comments.ts';
import { createTable } from './createTable.ts';
import { alterDomain } from './domains.ts';
import { dropObjects } from './drops.ts';
import { type Effect, EffectBuilder, type EffectContext } from './effect.ts';
import { grant } from './grants.ts';
import { createIndex, reindex } from './indexes.ts';
import { cluster, vacuum } from './maintenance.ts';
import { changePublication } from './publications.ts';
import { copy, explain, prepare, runQuery } from './queries.ts';
import { changeOwner, dependOnExtension, rename, setSchema } from './renames.ts';
import { call, createRoutine } from './routines.ts';
import { alterSequence, createSequence } from './sequences.ts';
import { createStatistics } from './statistics.ts';
import {
  alterDatabase,
  alterSubscription,
  createSubscription,
  declareCursor,
  discard,
  doBlock,
  refuse,
  transaction,
} from './transactionPlace.ts';
import { changePolicy, createRule, createTrigger } from './triggers.ts';
import { lockTables, truncate } from './truncate.ts';
import { createTableAs, createView, refresh } from './views.ts';

type Kind = Node extends infer Each ? (Each extends Each ? keyof Each : never) : never;
type Body<K extends Kind> = Extract<Node, Record<K, unknown>>[K];
type Row<K extends Kind> = (statement: Body<K>, to: EffectBuilder, context: EffectContext) => void;

/** What each kind of statement does; kinds that are not here take no lock that lasts on an existing relation. */
const STATEMENTS: { readonly [K in Kind]?: Row<K> } = {
  AlterTableStmt: alterTable,
  CreateStmt: createTable,
  CreateForeignTableStmt: (statement, to, context) => createTable(statement.base ?? {}, to, context),
  CreateSchemaStmt: createSchema,
  DropStmt: dropObjects,
  RenameStmt: rename,
  AlterObjectSchemaStmt: setSchema,
  AlterOwnerStmt: changeOwner,
  AlterObjectDependsStmt: dependOnExtension,

  IndexStmt: createIndex,
  ReindexStmt: reindex,
  CreateStatsStmt: createStatistics,
  ClusterStmt: cluster,
  VacuumStmt: vacuum,
  TruncateStmt: truncate,
  LockStmt: lockTables,

  ViewStmt: createView,
  CreateTableAsStmt: createTableAs,
  RefreshMatViewStmt: refresh,
  CreateTrigStmt: createTrigger,
  RuleStmt: createRule,
  CreatePolicyStmt: changePolicy,
  AlterPolicyStmt: changePolicy,
  AlterDomainStmt: alterDomain,
  CreateSeqStmt: createSequence,
  AlterSeqStmt: alterSequence,
  CreateFunctionStmt: createRoutine,
  CommentStmt: comment,
  SecLabelStmt: comment,
  GrantStmt: grant,
  CreatePublicationStmt: changePublication,
  AlterPublicationStmt: changePublication,

  SelectStmt: runQuery('SelectStmt'),
  InsertStmt: runQuery('InsertStmt'),
  UpdateStmt: runQuery('UpdateStmt'),
  DeleteStmt: runQuery('DeleteStmt'),
  MergeStmt: runQuery('MergeStmt'),
  CopyStmt: copy,
  ExplainStmt: explain,
  PrepareStmt: prepare,
  DeclareCursorStmt: declareCursor,
  CallStmt: call,
  DoStmt: doBlock,

  TransactionStmt: transaction,
  DiscardStmt: discard,
  CreatedbStmt: refuse('CREATE DATABASE'),
  DropdbStmt: refuse('DROP DATABASE'),
  AlterDatabaseStmt: alterDatabase,
  CreateTableSpaceStmt: refuse('CREATE TABLESPACE'),
  DropTableSpaceStmt: refuse('DROP TABLESPACE'),
  AlterSystemStmt: refuse('ALTER SYSTEM'),
  CreateSubscriptionStmt: createSubscription,
  AlterSubscriptionStmt: alterSubscription,
  DropSubscriptionStmt: refuse('DROP SUBSCRIPTION'),
};

/** The statements in CREATE SCHEMA run in it. What they make is not there before. */
function createSchema(statement: CreateSchemaStmt, to: EffectBuilder, context: EffectContext): void {
  const { catalog, scope } = context;
  const searchPath = [statement.schemaname ?? statement.authrole?.rolename ?? '', ...scope.searchPath];
  let after = catalog;
  for (const element of statement.schemaElts ?? []) {
    const inside = { ...context, catalog: after, scope: { searchPath } };
    for (const { relation, mode } of effectsOf(element, inside).locks) {
      if (catalog.relations.has(relation) || !after.relations.has(relation)) to.lock(relation, mode);
    }
    after = apply(after, element, { searchPath, path: '' });
  }
}

/**
 * What a statement does to the relations that exist before it: locks, rewrites, scans, index builds, and whether it
 * may run in a transaction. Never throws; of what the history does not show, the ordinary case is assumed.
 */
export function effectsOf(node: Node, context: EffectContext): Effect {
  const to = new EffectBuilder();
  for (const [kind, body] of Object.entries(node)) {
    const row = STATEMENTS[kind as Kind] as
      | ((body: unknown, to: EffectBuilder, context: EffectContext) => void)
      | undefined;
    row?.(body, to, context);
  }
  return to.build();
}
