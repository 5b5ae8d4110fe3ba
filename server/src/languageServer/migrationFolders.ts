import { ConfigFiles } from '../workspace/configFiles.ts';
import { discover, type MigrationFolder } from '../workspace/discovery.ts';
import type { FileSystem } from '../workspace/fileSystem.ts';

/** A folder of the workspace, as its person named it. */
export interface Root {
  readonly path: string;
  readonly name: string;
}

export interface FolderInRoot {
  readonly folder: MigrationFolder;
  readonly root: Root;
}

/** The migration folders of the workspace as they are on disk. What was found is kept until `forget`. */
export class MigrationFolders {
  private readonly files: FileSystem;
  private readonly roots: () => Promise<readonly Root[]>;
  private found: Promise<readonly FolderInRoot[]> | undefined;

  constructor(files: FileSystem, roots: () => Promise<readonly Root[]>) {
    this.files = files;
    this.roots = roots;
  }

  /** In the order of the workspace's folders, and of their paths in each. */
  all(): Promise<readonly FolderInRoot[]> {
    this.found ??= this.find();
    return this.found;
  }

  async at(path: string): Promise<FolderInRoot | undefined> {
    return (await this.all()).find(({ folder }) => folder.path === path);
  }

  /** Files have come or gone, or a skein.json has changed: all is looked for anew. */
  forget(): void {
    this.found = undefined;
  }

  private async find(): Promise<readonly FolderInRoot[]> {
    const configs = new ConfigFiles(this.files);
    const found = new Map<string, FolderInRoot>();
    for (const root of await this.roots()) {
      const { folders } = await discover(root.path, this.files, configs);
      // One workspace folder may lie in another.
      for (const folder of folders) if (!found.has(folder.path)) found.set(folder.path, { folder, root });
    }
    return [...found.values()];
  }
}
