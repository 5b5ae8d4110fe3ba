/** Links are followed: the kind is that of what they lead to. */
export interface DirectoryEntry {
  readonly name: string;
  /** `other`: a socket, a pipe, a device. A link that leads nowhere counts as a file: reading it says what is wrong. */
  readonly kind: 'file' | 'directory' | 'other';
}

/**
 * Why a path could not be read or written. `vanished`: there is nothing of this name. `dangling`: a link to nothing, or
 * in a circle. `exists`: there is something where a file was to be made.
 */
export type Obstacle =
  | 'vanished'
  | 'dangling'
  | 'exists'
  | 'no-permission'
  | 'not-a-file'
  | 'not-a-directory'
  | 'other';

export class FileSystemError extends Error {
  readonly obstacle: Obstacle;

  constructor(obstacle: Obstacle, message: string) {
    super(message);
    this.obstacle = obstacle;
  }
}

/** The disk, as far as Skein reads it. Every promise rejects with a FileSystemError or not at all. */
export interface FileSystem {
  /** In the order of the names' UTF-16 code units. */
  readDirectory(path: string): Promise<readonly DirectoryEntry[]>;
  /** The bytes of a file, at most the first `limit` of them. */
  readFile(path: string, limit?: number): Promise<Uint8Array>;
  /** Rejects when there is nothing. */
  kindOf(path: string): Promise<DirectoryEntry['kind']>;
  /** The path without links. */
  realPath(path: string): Promise<string>;
}

/** Why a read failed, in words that follow "cannot be read: ". */
export function obstacleInWords(error: unknown): string {
  if (!(error instanceof FileSystemError)) return error instanceof Error ? error.message : String(error);
  switch (error.obstacle) {
    case 'vanished':
      return 'it is no longer there';
    case 'dangling':
      return 'it is a link that leads nowhere';
    case 'exists':
      return 'there is something of that name already';
    case 'no-permission':
      return 'permission denied';
    case 'not-a-file':
      return 'it is not a regular file';
    case 'not-a-directory':
      return 'it is not a directory';
    case 'other':
      return error.message;
  }
}
