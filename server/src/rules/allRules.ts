import { addCheck } from './addCheck.ts';
import { addColumnConstraintScan } from './addColumnConstraintScan.ts';
import { addColumnNotNull } from './addColumnNotNull.ts';
import { addColumnRewrite } from './addColumnRewrite.ts';
import { addColumnVolatileDefault } from './addColumnVolatileDefault.ts';
import { addExclusion } from './addExclusion.ts';
import { addForeignKey } from './addForeignKey.ts';
import { addRequiredColumn } from './addRequiredColumn.ts';
import { addUnique } from './addUnique.ts';
import { alembicBindParameter } from './alembicBindParameter.ts';
import { alembicBranchBehindBase } from './alembicBranchBehindBase.ts';
import { alembicCycle } from './alembicCycle.ts';
import { alembicDuplicateRevision } from './alembicDuplicateRevision.ts';
import { alembicDynamic } from './alembicDynamic.ts';
import { alembicMetadata } from './alembicMetadata.ts';
import { alembicMissingParent } from './alembicMissingParent.ts';
import { alembicMultipleHeads } from './alembicMultipleHeads.ts';
import { alembicOverlap } from './alembicOverlap.ts';
import { attachPartitionScan } from './attachPartitionScan.ts';
import { backfillInTransaction } from './backfillInTransaction.ts';
import { castMayFail } from './castMayFail.ts';
import { changeColumnType } from './changeColumnType.ts';
import { concurrentIndexRetry } from './concurrentIndexRetry.ts';
import { concurrentlyInTransaction } from './concurrentlyInTransaction.ts';
import { constraintMayFail } from './constraintMayFail.ts';
import { createTrigger } from './createTrigger.ts';
import { deleteWithoutWhere } from './deleteWithoutWhere.ts';
import { detachPartition } from './detachPartition.ts';
import { domainConstraintScan } from './domainConstraintScan.ts';
import { downIncomplete } from './downIncomplete.ts';
import { downIrreversible } from './downIrreversible.ts';
import { downMissing } from './downMissing.ts';
import { downNotIdempotent } from './downNotIdempotent.ts';
import { downOrder } from './downOrder.ts';
import { dropCascade } from './dropCascade.ts';
import { dropColumn } from './dropColumn.ts';
import { dropDefault } from './dropDefault.ts';
import { dropIndexNotConcurrent } from './dropIndexNotConcurrent.ts';
import { dropLocksReferenced } from './dropLocksReferenced.ts';
import { dropNotNull } from './dropNotNull.ts';
import { dropTable } from './dropTable.ts';
import { duplicateColumnAssignment } from './duplicateColumnAssignment.ts';
import { duplicateVersion } from './duplicateVersion.ts';
import { enumValueUsedInTransaction } from './enumValueUsedInTransaction.ts';
import { foreignKeyLocksParent } from './foreignKeyLocksParent.ts';
import { foreignKeyWithoutIndex } from './foreignKeyWithoutIndex.ts';
import { gooseAnnotation } from './gooseAnnotation.ts';
import { gooseEmptySection } from './gooseEmptySection.ts';
import { gooseStatementBlock } from './gooseStatementBlock.ts';
import { gooseUnterminated } from './gooseUnterminated.ts';
import { identifierTooLong } from './identifierTooLong.ts';
import { ifNotExistsHidesDifference } from './ifNotExistsHidesDifference.ts';
import { indexNotConcurrent } from './indexNotConcurrent.ts';
import { insertNotIdempotent } from './insertNotIdempotent.ts';
import { lockHeldDuringSlowWork } from './lockHeldDuringSlowWork.ts';
import { lockTable } from './lockTable.ts';
import { lockTimeoutCancelsConcurrently } from './lockTimeoutCancelsConcurrently.ts';
import { manyRelationsLocked } from './manyRelationsLocked.ts';
import { migrationFileName } from './migrationFileName.ts';
import { missingLockTimeout } from './missingLockTimeout.ts';
import { mixedTransactional } from './mixedTransactional.ts';
import { mixedVersionSchemes } from './mixedVersionSchemes.ts';
import { naming } from './naming.ts';
import { newerSyntax } from './newerSyntax.ts';
import { noChar } from './noChar.ts';
import { notAnalysed } from './notAnalysed.ts';
import { notIdempotent } from './notIdempotent.ts';
import { notIdempotentGuard } from './notIdempotentGuard.ts';
import { objectExists } from './objectExists.ts';
import { onConflictWithoutUnique } from './onConflictWithoutUnique.ts';
import { outOfOrderVersion } from './outOfOrderVersion.ts';
import { partitionOfLocksParent } from './partitionOfLocksParent.ts';
import { preferBigint } from './preferBigint.ts';
import { preferIdentity } from './preferIdentity.ts';
import { preferJsonb } from './preferJsonb.ts';
import { preferText } from './preferText.ts';
import { preferTimestamptz } from './preferTimestamptz.ts';
import { primaryKeyNullable } from './primaryKeyNullable.ts';
import { psqlMetaCommand } from './psqlMetaCommand.ts';
import { refreshViewNotConcurrent } from './refreshViewNotConcurrent.ts';
import { reindexNotConcurrent } from './reindexNotConcurrent.ts';
import { renameColumn } from './renameColumn.ts';
import { renameEnumValue } from './renameEnumValue.ts';
import { renameTable } from './renameTable.ts';
import { replicaIdentity } from './replicaIdentity.ts';
import { requirePrimaryKey } from './requirePrimaryKey.ts';
import { rowSecurity } from './rowSecurity.ts';
import type { Rule } from './rule.ts';
import { schemaAndDataMixed } from './schemaAndDataMixed.ts';
import { schemaQualifiedNames } from './schemaQualifiedNames.ts';
import { setLeaks } from './setLeaks.ts';
import { setNotNull } from './setNotNull.ts';
import { statementOrder } from './statementOrder.ts';
import { statementRefused } from './statementRefused.ts';
import { syncMigrationIncomplete } from './syncMigrationIncomplete.ts';
import { syncMigrationTooLate } from './syncMigrationTooLate.ts';
import { syntaxError } from './syntaxError.ts';
import { tableRewrite } from './tableRewrite.ts';
import { toolTransactionControl } from './toolTransactionControl.ts';
import { trackingOnConflict } from './trackingOnConflict.ts';
import { trackingTableWrite } from './trackingTableWrite.ts';
import { truncate } from './truncate.ts';
import { unknownObject } from './unknownObject.ts';
import { unknownRule } from './unknownRule.ts';
import { unreadableFile } from './unreadableFile.ts';
import { unusedIgnore } from './unusedIgnore.ts';
import { validateInSameTransaction } from './validateInSameTransaction.ts';
import { versionGap } from './versionGap.ts';

/** Every rule there is, in the order of the catalogue. */
export const ALL_RULES: readonly Rule[] = [
  unreadableFile,
  notAnalysed,
  newerSyntax,
  syntaxError,
  gooseAnnotation,
  gooseStatementBlock,
  gooseUnterminated,
  gooseEmptySection,
  alembicBindParameter,
  alembicDynamic,
  alembicMetadata,
  migrationFileName,
  psqlMetaCommand,
  toolTransactionControl,
  unusedIgnore,
  unknownRule,
  concurrentlyInTransaction,
  enumValueUsedInTransaction,
  statementRefused,
  mixedTransactional,
  validateInSameTransaction,
  lockHeldDuringSlowWork,
  manyRelationsLocked,
  missingLockTimeout,
  lockTimeoutCancelsConcurrently,
  setLeaks,
  indexNotConcurrent,
  dropIndexNotConcurrent,
  reindexNotConcurrent,
  concurrentIndexRetry,
  setNotNull,
  addColumnNotNull,
  addColumnVolatileDefault,
  addColumnRewrite,
  addColumnConstraintScan,
  addForeignKey,
  addCheck,
  addUnique,
  primaryKeyNullable,
  addExclusion,
  changeColumnType,
  attachPartitionScan,
  partitionOfLocksParent,
  detachPartition,
  dropLocksReferenced,
  foreignKeyLocksParent,
  createTrigger,
  rowSecurity,
  replicaIdentity,
  refreshViewNotConcurrent,
  tableRewrite,
  domainConstraintScan,
  foreignKeyWithoutIndex,
  lockTable,
  renameTable,
  renameColumn,
  dropColumn,
  dropTable,
  dropNotNull,
  dropDefault,
  renameEnumValue,
  addRequiredColumn,
  backfillInTransaction,
  schemaAndDataMixed,
  deleteWithoutWhere,
  truncate,
  constraintMayFail,
  dropCascade,
  castMayFail,
  notIdempotent,
  notIdempotentGuard,
  insertNotIdempotent,
  onConflictWithoutUnique,
  ifNotExistsHidesDifference,
  duplicateVersion,
  outOfOrderVersion,
  alembicMultipleHeads,
  alembicMissingParent,
  alembicDuplicateRevision,
  alembicCycle,
  alembicOverlap,
  alembicBranchBehindBase,
  versionGap,
  mixedVersionSchemes,
  unknownObject,
  objectExists,
  statementOrder,
  downMissing,
  downIncomplete,
  downOrder,
  downIrreversible,
  downNotIdempotent,
  trackingTableWrite,
  trackingOnConflict,
  syncMigrationTooLate,
  syncMigrationIncomplete,
  preferBigint,
  preferText,
  preferTimestamptz,
  preferIdentity,
  preferJsonb,
  noChar,
  identifierTooLong,
  duplicateColumnAssignment,
  requirePrimaryKey,
  schemaQualifiedNames,
  naming,
];
