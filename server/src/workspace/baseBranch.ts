import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { commitOf, forkPoint, type Git, namesAt, orNothing, textsAt, unchangedSince } from './git.ts';

/** How a folder stands to the branch that new migrations are merged into. Names are those of files in the folder. */
export interface FolderBase {
  /** What is on the base branch. */
  readonly onBase: ReadonlySet<string>;
  /** Those of them that came there after this branch left it, with their text. */
  readonly incoming: ReadonlyMap<string, string>;
  /** What is history: the same here as where this branch left the base branch. Nothing on the base branch itself. */
  readonly unchanged: ReadonlySet<string>;
}

/** How each folder of a history stands to it, by its path. */
export type FolderBases = ReadonlyMap<string, FolderBase>;

/** How a folder stands to any commit, as if it were the base branch's last. */
export async function standingTo(git: Git, folder: string, commit: string): Promise<FolderBase> {
  const fork = await forkPoint(git, folder, commit);
  const before = await namesAt(git, folder, fork);
  const [onBase, unchanged] = await Promise.all([
    fork === commit ? before : namesAt(git, folder, commit),
    unchangedSince(git, folder, fork, before),
  ]);
  const incoming = await textsAt(
    git,
    folder,
    commit,
    [...onBase].filter((name) => !before.has(name)),
  );
  return { onBase, incoming, unchanged };
}

interface Known {
  readonly configured: string | undefined;
  readonly base: FolderBase | undefined;
  /** What must be as it was for the answer to hold, and how it was. */
  readonly witnesses: readonly string[];
  readonly seen: string;
}

/** Asks git about folders, and remembers the answers for as long as nothing in the repository has moved. */
export class BaseBranches {
  private readonly git: Git;
  private readonly known = new Map<string, Promise<Known>>();

  constructor(git: Git) {
    this.git = git;
  }

  /** Undefined where there is no git, no repository or no base branch. Never rejects. */
  async of(folder: string, configured: string | undefined): Promise<FolderBase | undefined> {
    const asking = this.known.get(folder);
    if (asking !== undefined) {
      const known = await asking;
      const holds = known.configured === configured && known.seen === (await fingerprint(known.witnesses));
      if (holds) return known.base;
      // Who asked at the same time may have begun already.
      const newer = this.known.get(folder);
      if (newer !== undefined && newer !== asking) return (await newer).base;
    }
    const answer = ask(this.git, folder, configured);
    this.known.set(folder, answer);
    return (await answer).base;
  }

  /** Files of the folder are others now. */
  forget(folder: string): void {
    this.known.delete(folder);
  }
}

async function ask(git: Git, folder: string, configured: string | undefined): Promise<Known> {
  const nothing = { configured, base: undefined, witnesses: [], seen: '' };
  try {
    const paths = await git(folder, ['rev-parse', '--absolute-git-dir', '--git-common-dir']);
    const [gitDirectory = '', common = ''] = paths.trim().split('\n');
    const ref = await baseRef(git, folder, configured);
    const witnesses = [
      ...['HEAD', 'index', 'logs/HEAD'].map((name) => resolve(gitDirectory, name)),
      ...['packed-refs', 'reftable/tables.list', ...(ref === undefined ? [] : [ref])].map((name) =>
        resolve(folder, common, name),
      ),
    ];
    // Taken before the answer: what moves meanwhile makes it old.
    const seen = await fingerprint(witnesses);
    if (ref === undefined) return { ...nothing, witnesses, seen };
    const standing = await standingTo(git, folder, await commitOf(git, folder, ref));
    const head = (await git(folder, ['symbolic-ref', '--quiet', 'HEAD']).catch(orNothing)).trim();
    const onItself = head !== '' && branchName(head) === branchName(ref);
    return { configured, base: onItself ? { ...standing, unchanged: new Set() } : standing, witnesses, seen };
  } catch {
    // No git, no repository, nothing committed yet: all files are new.
    return nothing;
  }
}

/**
 * The base branch as git writes it: the remote's copy before the local one, which may lie behind. Without a name the
 * remote's default branch, else main or master.
 */
async function baseRef(
  git: Git,
  folder: string,
  configured: string | undefined,
): Promise<string | undefined> {
  const names = configured === undefined ? ['main', 'master'] : [configured];
  const patterns = names.flatMap((name) => [`refs/remotes/*/${name}`, `refs/heads/${name}`]);
  const listed = await git(folder, [
    'for-each-ref',
    '--format=%(refname) %(symref)',
    'refs/remotes/*/HEAD',
    ...patterns,
  ]);
  const refs = listed
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split(' '))
    // Of several remotes, the one that was cloned.
    .sort(([a = ''], [b = '']) => Number(isOrigins(b)) - Number(isOrigins(a)));
  const found = (pattern: RegExp) => refs.find(([ref = '']) => pattern.test(ref));
  if (configured === undefined) {
    const [, symbolic = ''] = found(/^refs\/remotes\/[^/]+\/HEAD$/) ?? [];
    if (symbolic !== '') return symbolic;
  }
  for (const name of names) {
    const remote = refs.find(([ref = '']) => ref.startsWith('refs/remotes/') && branchName(ref) === name);
    const local = refs.find(([ref = '']) => ref === `refs/heads/${name}`);
    const [ref] = remote ?? local ?? [];
    if (ref !== undefined) return ref;
  }
  if (configured === undefined) return undefined;
  // Not a branch's plain name: "upstream/main", a tag, a commit.
  const full = await git(folder, ['rev-parse', '--symbolic-full-name', '--end-of-options', configured]).catch(
    orNothing,
  );
  const known = full.trim().split('\n').at(-1) ?? '';
  if (known.startsWith('refs/')) return known;
  return (await commitOf(git, folder, configured).catch(orNothing)) || undefined;
}

function isOrigins(ref: string): boolean {
  return ref.startsWith('refs/remotes/origin/');
}

/** "feature/x" of refs/heads/feature/x and of refs/remotes/origin/feature/x. */
function branchName(ref: string): string {
  return ref.replace(/^refs\/(?:heads|remotes\/[^/]+)\//, '');
}

/** Changes when one of the files is written, made or taken away. */
async function fingerprint(paths: readonly string[]): Promise<string> {
  const parts = paths.map(async (path) => {
    const found = await stat(path, { bigint: true }).catch(() => undefined);
    return found === undefined ? '' : `${found.ino} ${found.size} ${found.mtimeNs}`;
  });
  return (await Promise.all(parts)).join('\n');
}
