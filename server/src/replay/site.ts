import type { Catalog } from '../catalog/catalog.ts';
import type { MigrationFile, Script } from '../migrations/migration.ts';
import type { Statement } from '../sql/statement.ts';
import type { Step } from './step.ts';

/** The place of a step in its document: what a fix works on. */
export interface Site {
  readonly step: Step;
  readonly file: MigrationFile;
  readonly script: Script;
  /** The statement that stands in the document (the DO block, where the step is inside one). */
  readonly statement: Statement;
  /** The schema after all files: what a new migration will meet. */
  readonly end: () => Catalog;
  /** The steps of all files' up scripts, in the order in which they run. */
  readonly steps: () => readonly Step[];
}
