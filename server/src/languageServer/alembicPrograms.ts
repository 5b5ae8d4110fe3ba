import { dirname } from 'node:path';
import { AlembicProgram } from '../runner/alembicProgram.ts';
import { findPython } from '../runner/python.ts';
import { RunRefused } from '../runner/runRefused.ts';
import { alembicRuntime, pythonOf } from '../workspace/alembicRuntime.ts';
import type { MigrationFolder } from '../workspace/discovery.ts';
import type { FileSystem } from '../workspace/fileSystem.ts';
import type { FolderInRoot } from './migrationFolders.ts';
import type { FolderSettings } from './protocol.ts';

/**
 * The alembic of each folder, where it is to run the folder's migrations. Looking for it runs Python: only in a trusted
 * workspace. What was found is kept until `forget`.
 */
export class AlembicPrograms {
  private readonly disk: FileSystem;
  private readonly found = new Map<string, Promise<AlembicProgram | undefined>>();

  constructor(disk: FileSystem) {
    this.disk = disk;
  }

  /** Undefined where Skein runs them. Rejects with RunRefused where alembic is to, and there is none. */
  async of(at: FolderInRoot, settings: FolderSettings | undefined): Promise<AlembicProgram | undefined> {
    const { folder } = at;
    const { alembic = 'auto', database } = settings ?? {};
    if (folder.tool !== 'alembic' || alembic === 'skein') return undefined;
    // A database that was chosen for Skein is meant for Skein: alembic's is what env.py says.
    if (alembic === 'auto' && database) return undefined;
    const looking = this.found.get(folder.path) ?? this.look(at, settings);
    this.found.set(folder.path, looking);
    try {
      const program = await looking;
      if (program === undefined && alembic === 'alembic') throw notFound(folder);
      return program;
    } catch (error) {
      this.found.delete(folder.path);
      if (alembic === 'auto' && error instanceof RunRefused && !settings?.python) return undefined;
      throw error;
    }
  }

  /** Settings have changed: all is looked for anew. */
  forget(): void {
    this.found.clear();
  }

  private async look(
    { folder, root }: FolderInRoot,
    settings: FolderSettings | undefined,
  ): Promise<AlembicProgram | undefined> {
    const runtime = await alembicRuntime(folder.path, this.disk);
    if (runtime.config === undefined) return undefined;
    const setting = settings?.python ?? pythonOf(folder);
    const selected = settings?.selectedPython;
    const python = await findPython(dirname(runtime.config.path), {
      root: root.path,
      ...(setting !== undefined && { setting }),
      ...(selected !== undefined && { selected }),
    });
    return python && new AlembicProgram(python, runtime);
  }
}

function notFound({ path }: MigrationFolder): RunRefused {
  return new RunRefused(
    'tool',
    `No Python with alembic was found for ${path}: looked at the setting skein.python, the Python extension, .venv, venv, uv, poetry and PATH`,
    'Name it in the setting skein.python, or let Skein run the revisions (the setting skein.alembic).',
  );
}
