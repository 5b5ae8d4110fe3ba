import { isAbsolute, join } from 'node:path';
import type { AlembicRuntime } from '../migrations/alembicRuntime.ts';
import { environmentNaming, scriptLocationOf } from './alembicLocations.ts';
import type { MigrationFolder } from './discovery.ts';
import { readContent } from './fileContent.ts';
import { absolutePath, childOf, parentOf } from './filePath.ts';
import type { FileSystem } from './fileSystem.ts';

/** What stands around a folder of revisions: the configuration that names it, and env.py. */
export async function alembicRuntime(path: string, files: FileSystem): Promise<AlembicRuntime> {
  const named = await environmentNaming(path, files);
  const scripts = named === undefined ? parentOf(absolutePath(path)) : scriptLocationOf(named);
  const environment = await readContent(files, childOf(scripts, 'env.py'));
  const home = named?.folder ?? scripts;
  return {
    ...(named && {
      config: {
        path: childOf(named.folder, named.file),
        section: named.environment.section,
        ...(named.environment.url !== undefined && { url: named.environment.url }),
      },
    }),
    ...(environment && { environment }),
    namesByConvention: () => mentionsConvention(home, files),
  };
}

/** The Python that skein.json names for a folder; a path in it is relative to it. */
export function pythonOf({ config }: Pick<MigrationFolder, 'config'>): string | undefined {
  const python = config?.config.python;
  if (python === undefined || isAbsolute(python) || !/[\\/]/.test(python)) return python;
  return join(config?.folder ?? '', python);
}

/** So many files are looked into: a project with more is taken to have one. */
const mostFiles = 4000;

/** Whether a Python file of the project mentions a naming convention. Other people's code does not count. */
async function mentionsConvention(home: string, files: FileSystem): Promise<boolean> {
  let left = mostFiles;
  const waiting = [home];
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    const entries = await files.readDirectory(folder).catch(() => []);
    // A virtual environment.
    if (entries.some(({ name }) => name === 'pyvenv.cfg')) continue;
    for (const { name, kind } of entries) {
      if (kind === 'directory' && !/^(\.|node_modules$|site-packages$|__pycache__$)/.test(name)) {
        waiting.push(childOf(folder, name));
      }
      if (kind === 'directory' || !name.endsWith('.py')) continue;
      if (left-- === 0) return true;
      const content = await readContent(files, childOf(folder, name));
      if (content?.text.includes('naming_convention')) return true;
    }
  }
  return false;
}
