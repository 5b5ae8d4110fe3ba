import type { Allocate, Change, FileEdits } from './change.ts';
import type { History } from './history.ts';
import type { FileContent, MigrationFile, ToolId } from './migration.ts';

/** One migration tool: how it reads its files, and how changes are written in them. */
export interface MigrationFormat {
  readonly tool: ToolId;
  /** Other histories make things in the same database: what this one has not made may be there all the same. */
  readonly sharesDatabase?: boolean;

  /** Whether the tool takes a file of this base name for a migration, or refuses it by name (then `read` says so). */
  claims(baseName: string): boolean;

  /**
   * Reads a file. Never throws: what is wrong with it is in `problems`, and what can be read is read. `previous` is what
   * stood in its place before, if anything: the result is the same, sooner.
   */
  read(content: FileContent, previous?: MigrationFile): MigrationFile;

  /** The order in which the tool applies the files of a folder. Those that it cannot place come last. */
  order(files: Iterable<MigrationFile>): History;

  /** Whether the format can write these changes of `file`, all of them. A fix that it cannot write is not offered. */
  writes(changes: readonly Change[], file: MigrationFile): boolean;

  /**
   * Writes changes of `file` as edits, new files and renames. `files` are all files of the history in order.
   * New files are placed in the folder of `file`, after the last version. What it cannot write comes to nothing.
   */
  apply(
    changes: readonly Change[],
    file: MigrationFile,
    files: readonly MigrationFile[],
    allocate: Allocate,
  ): FileEdits;
}
