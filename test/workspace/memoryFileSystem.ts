import {
  type DirectoryEntry,
  type FileSystem,
  FileSystemError,
  type Obstacle,
} from '../../server/src/workspace/fileSystem.ts';

/** A disk in memory: paths to contents. Directories are there because files are in them. */
export class MemoryFileSystem implements FileSystem {
  readonly contents = new Map<string, Uint8Array | Obstacle>();
  /** How often each file was read. */
  readonly reads = new Map<string, number>();

  constructor(files: Readonly<Record<string, string | Uint8Array>> = {}) {
    for (const [path, content] of Object.entries(files)) this.write(path, content);
  }

  write(path: string, content: string | Uint8Array): void {
    this.contents.set(path, typeof content === 'string' ? new TextEncoder().encode(content) : content);
  }

  /** From now on the path cannot be read, for this reason. */
  block(path: string, obstacle: Obstacle): void {
    this.contents.set(path, obstacle);
  }

  remove(path: string): void {
    for (const known of [...this.contents.keys()]) {
      if (known === path || known.startsWith(`${path}/`)) this.contents.delete(known);
    }
  }

  async readDirectory(path: string): Promise<readonly DirectoryEntry[]> {
    const blocked = this.contents.get(path);
    if (typeof blocked === 'string') throw new FileSystemError(blocked, `${path}: ${blocked}`);
    if (blocked) throw new FileSystemError('not-a-directory', path);
    const below = [...this.contents.keys()].filter((known) => known.startsWith(`${path}/`));
    if (below.length === 0) throw new FileSystemError('vanished', path);
    const names = [...new Set(below.map((known) => known.slice(path.length + 1).split('/')[0] ?? ''))].sort();
    return names.map((name) => ({ name, kind: this.isDirectory(`${path}/${name}`) ? 'directory' : 'file' }));
  }

  async readFile(path: string, limit = Number.POSITIVE_INFINITY): Promise<Uint8Array> {
    this.reads.set(path, (this.reads.get(path) ?? 0) + 1);
    const content = this.contents.get(path);
    if (content === undefined) {
      throw new FileSystemError(this.isDirectory(path) ? 'not-a-file' : 'vanished', path);
    }
    if (typeof content === 'string') throw new FileSystemError(content, `${path}: ${content}`);
    return content.subarray(0, Math.min(limit, content.length));
  }

  async kindOf(path: string): Promise<DirectoryEntry['kind']> {
    if (this.contents.has(path)) return 'file';
    if (this.isDirectory(path)) return 'directory';
    throw new FileSystemError('vanished', path);
  }

  async realPath(path: string): Promise<string> {
    return path;
  }

  private isDirectory(path: string): boolean {
    return [...this.contents.keys()].some((known) => known.startsWith(`${path}/`));
  }
}
