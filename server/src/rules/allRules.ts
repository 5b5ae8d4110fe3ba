import { addCheck } from './addCheck.ts';
import { addColumnNotNull } from './addColumnNotNull.ts';
import { addForeignKey } from './addForeignKey.ts';
import { concurrentlyInTransaction } from './concurrentlyInTransaction.ts';
import { dropIndexNotConcurrent } from './dropIndexNotConcurrent.ts';
import { duplicateVersion } from './duplicateVersion.ts';
import { gooseAnnotation } from './gooseAnnotation.ts';
import { gooseStatementBlock } from './gooseStatementBlock.ts';
import { gooseUnterminated } from './gooseUnterminated.ts';
import { indexNotConcurrent } from './indexNotConcurrent.ts';
import { migrationFileName } from './migrationFileName.ts';
import { notAnalysed } from './notAnalysed.ts';
import { notIdempotent } from './notIdempotent.ts';
import { objectExists } from './objectExists.ts';
import type { Rule } from './rule.ts';
import { setNotNull } from './setNotNull.ts';
import { syntaxError } from './syntaxError.ts';
import { unknownObject } from './unknownObject.ts';
import { unreadableFile } from './unreadableFile.ts';

/** Every rule there is, in the order of the catalogue. */
export const ALL_RULES: readonly Rule[] = [
  unreadableFile,
  notAnalysed,
  syntaxError,
  gooseAnnotation,
  gooseStatementBlock,
  gooseUnterminated,
  migrationFileName,
  concurrentlyInTransaction,
  indexNotConcurrent,
  dropIndexNotConcurrent,
  setNotNull,
  addColumnNotNull,
  addForeignKey,
  addCheck,
  notIdempotent,
  duplicateVersion,
  unknownObject,
  objectExists,
];
