/* Which alembic a project runs, by what is installed and by the files in which projects say what they want. */

/** The release that an entry of `site-packages` says is installed there: `alembic-1.13.2.dist-info`. */
export function installedAlembic(siteEntry: string): string | undefined {
  return /^alembic-(\d+(?:\.\d+)*)[^-]*\.(?:dist-info|egg-info)$/i.exec(siteEntry)?.[1];
}

/** The names of files that may say which alembic is wanted, those that say it best first. */
export const LOCK_FILES = ['uv.lock', 'poetry.lock', 'pdm.lock', 'Pipfile.lock'] as const;
export const REQUIREMENT_FILES = ['pyproject.toml', 'setup.cfg', 'Pipfile'] as const;

/** Whether a file lists requirements for pip: `requirements.txt`, `dev-requirements.in`. */
export function listsRequirements(baseName: string): boolean {
  return /^[\w.-]*requirements[\w.-]*\.(?:txt|in)$/i.test(baseName);
}

/**
 * The oldest alembic that a file allows: the one that it pins or has locked, or the least of a range. Undefined where
 * the file says nothing of the kind.
 */
export function wantedAlembic(baseName: string, text: string): string | undefined {
  if (baseName === 'Pipfile.lock') return lockedByPipenv(text);
  if (baseName.endsWith('.lock')) return lockedInToml(text);
  const said = text.replace(/^\s*#.*/gm, '');
  for (const [, range = ''] of said.matchAll(REQUIREMENT)) {
    const least = leastOf(range);
    if (least !== undefined) return least;
  }
  return undefined;
}

/** A line of requirements, an entry of a TOML list, or a key of a TOML table; what follows the name is captured. */
const REQUIREMENT =
  /(?<=^|["'\s])alembic(?![\w.-])(?:\[[^\]]*\])?["']?[ \t]*(?:=[ \t]*(?:\{[^}\n]*?\bversion[ \t]*=[ \t]*)?["'])?([^\n#;"'\]}]*)/gim;

/** `>=1.8,<2`, `==1.13.*`, `^1.8`, `~=1.8`, `(>=1.8)`, `1.8`: the least release that it allows. */
function leastOf(range: string): string | undefined {
  return /(?:>=|===?|~=|\^|~|^)[ \t(]*(\d+(?:\.\d+)*)/.exec(range.trim())?.[1];
}

function lockedInToml(text: string): string | undefined {
  return /^name\s*=\s*"alembic"\s*\nversion\s*=\s*"(\d+(?:\.\d+)*)/m.exec(text.replaceAll('\r', ''))?.[1];
}

function lockedByPipenv(text: string): string | undefined {
  return /"alembic"\s*:\s*\{[^}]*?"version"\s*:\s*"={0,3}(\d+(?:\.\d+)*)/.exec(text)?.[1];
}

/** Whether a release is at least another, number by number; one that is not known counts as the newest. */
export function isAtLeast(release: string | undefined, other: string): boolean {
  if (release === undefined) return true;
  const [a, b] = [release, other].map((each) => each.split('.').map(Number));
  for (let i = 0; i < Math.max(a?.length ?? 0, b?.length ?? 0); i++) {
    const difference = (a?.[i] ?? 0) - (b?.[i] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}
