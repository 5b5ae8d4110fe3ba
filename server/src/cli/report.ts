import type { Allocate } from '../migrations/change.ts';
import type { Finding } from '../rules/finding.ts';
import type { FolderHistory } from '../workspace/folderHistory.ts';

/** What `skein lint` has found, for a reporter to put in words. */
export interface Report {
  readonly findings: readonly ReportedFinding[];
  /** How many migrations were looked at. */
  readonly migrations: number;
  /** The commit since which they are new or changed, where only those were looked at. */
  readonly since: string | undefined;
  readonly allocate: Allocate;
}

export interface ReportedFinding {
  readonly finding: Finding;
  /** The history it was found in: its texts, and what its fixes come to. */
  readonly history: FolderHistory;
}
