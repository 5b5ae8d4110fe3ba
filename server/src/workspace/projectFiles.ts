import { LOCK_FILES, listsRequirements, REQUIREMENT_FILES } from '../config/alembicVersion.ts';
import { configFileName } from './configFiles.ts';

/** The files, besides lists of requirements, that say how the migration folders at or below them are read. */
const SETTINGS = [
  configFileName,
  'alembic.ini',
  'script.py.mako',
  'env.py',
  ...LOCK_FILES,
  ...REQUIREMENT_FILES,
] as const;

/** What a client is to watch for `decidesHowFoldersAreRead`, as patterns of paths. */
export const PROJECT_FILE_PATTERNS: readonly string[] = [
  `**/{${SETTINGS.join(',')}}`,
  '**/*requirements*.{txt,in}',
];

/** Whether a file of this name says how the migration folders at or below it are read: these are looked at again. */
export function decidesHowFoldersAreRead(baseName: string): boolean {
  return SETTINGS.some((each) => each === baseName) || listsRequirements(baseName);
}
