import type { PythonModule } from '../../../python/syntax.ts';
import type { FileContent, MigrationFile } from '../../migration.ts';
import type { RevisionSettings } from './revisionSettings.ts';

/** What is known of the file that is written, besides what it says. */
export interface WritingContext {
  readonly settings: RevisionSettings;
  readonly module: PythonModule;
  /** Reads another text as the file at a path. */
  readonly read: (content: Pick<FileContent, 'path' | 'text'>) => MigrationFile;
  readonly parse: (text: string) => PythonModule;
}
