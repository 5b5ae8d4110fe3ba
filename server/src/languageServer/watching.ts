import { PROJECT_FILE_PATTERNS } from '../workspace/projectFiles.ts';
import type { FileChange } from '../workspace/workspace.ts';
import {
  type Connection,
  DidChangeWatchedFilesNotification,
  type DidChangeWatchedFilesParams,
  FileChangeType,
  WatchKind,
} from './lsp.ts';
import { pathOf } from './uri.ts';

/** Asks the client to report changes on disk. Rejects when it refuses. */
export async function registerWatchers(connection: Connection): Promise<void> {
  const written = WatchKind.Create | WatchKind.Change;
  await connection.client.register(DidChangeWatchedFilesNotification.type, {
    watchers: [
      { globPattern: '**/*.sql', kind: written },
      { globPattern: '**/*.go', kind: written },
      { globPattern: '**/*.py', kind: written },
      ...PROJECT_FILE_PATTERNS.map((globPattern) => ({ globPattern, kind: written })),
      // What the branch is, and the base branch: which migrations are history.
      { globPattern: '**/.git/{HEAD,index,packed-refs,refs/**}', kind: written },
      // A directory that is deleted or renamed is reported as one, not file by file.
      { globPattern: '**/*', kind: WatchKind.Delete },
    ],
  });
}

const kinds: Readonly<Record<FileChangeType, FileChange['kind']>> = {
  [FileChangeType.Created]: 'created',
  [FileChangeType.Changed]: 'changed',
  [FileChangeType.Deleted]: 'deleted',
};

export function toFileChanges({ changes }: DidChangeWatchedFilesParams): FileChange[] {
  return changes.flatMap(({ uri, type }) => {
    const path = pathOf(uri);
    return path === undefined ? [] : [{ path, kind: kinds[type] }];
  });
}
