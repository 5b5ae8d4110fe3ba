import type { Catalog } from '../catalog/catalog.ts';
import type { Turn } from '../migrations/history.ts';
import type { MigrationFile } from '../migrations/migration.ts';
import type { ScriptReplay } from '../replay/replay.ts';

/** One file replayed: both its directions, and the schema it leaves. */
export interface FileReplay {
  readonly file: MigrationFile;
  readonly before: Catalog;
  readonly up: ScriptReplay;
  readonly down: ScriptReplay | undefined;
  readonly after: Catalog;
}

/** What is known of a turn, and in which round that was seen to hold. */
interface Known {
  readonly replay: FileReplay;
  readonly round: number;
}

/** Replays files in their turns; again only where the file is another, or the schema that it meets. */
export class TurnReplays {
  private readonly files: ReadonlyMap<string, MigrationFile>;
  private readonly start: Catalog;
  private readonly replay: (file: MigrationFile, before: Catalog) => FileReplay;
  private readonly known = new WeakMap<Turn, Known>();
  private readonly last = new WeakMap<MigrationFile, FileReplay>();
  private round = 0;
  /** At which depth a file first comes up among the turns that are known in this order. */
  private readonly shallowest = new Map<string, number>();
  /** From a depth on, what was known before a round has to be looked at again: depths ascend, rounds too. */
  private readonly stale: { readonly depth: number; readonly round: number }[] = [];

  /**
   * `files` are those of the history by path, as they are at each moment; `start` is what its beginning meets; `replay` is
   * what replaying a file means.
   */
  constructor(
    files: ReadonlyMap<string, MigrationFile>,
    start: Catalog,
    replay: (file: MigrationFile, before: Catalog) => FileReplay,
  ) {
    this.files = files;
    this.start = start;
    this.replay = replay;
  }

  /** A file has been replaced by another of the same turn: what comes after it has to be looked at again. */
  replaced(path: string): void {
    const depth = this.shallowest.get(path);
    if (depth !== undefined) this.nextRound(depth);
  }

  /** All turns are others now. */
  reordered(): void {
    this.shallowest.clear();
    this.nextRound(0);
  }

  private nextRound(depth: number): void {
    this.round++;
    while ((this.stale.at(-1)?.depth ?? -1) >= depth) this.stale.pop();
    this.stale.push({ depth, round: this.round });
  }

  /** Whether what is known of a turn was looked at since the last change that could touch it. */
  private holds(turn: Turn): boolean {
    const known = this.known.get(turn);
    return (
      known !== undefined &&
      known.round >= (this.stale.findLast(({ depth }) => depth <= turn.depth)?.round ?? 0)
    );
  }

  /** A file after all turns that come before it; undefined where none of the turns has a file. */
  at(turn: Turn): FileReplay | undefined {
    const due: Turn[] = [];
    let settled: Turn | undefined = turn;
    while (settled !== undefined && !this.holds(settled)) {
      due.push(settled);
      settled = settled.before;
    }
    let replay = settled && this.known.get(settled)?.replay;
    for (const each of due.reverse()) {
      const file = this.files.get(each.path);
      if (file === undefined) continue;
      replay = this.replayed(each, file, replay?.after ?? this.start);
      this.known.set(each, { replay, round: this.round });
      this.shallowest.set(each.path, Math.min(each.depth, this.shallowest.get(each.path) ?? each.depth));
    }
    return replay;
  }

  private replayed(turn: Turn, file: MigrationFile, before: Catalog): FileReplay {
    // New turns, of a history in another order, may still meet what old ones met.
    for (const known of [this.known.get(turn)?.replay, this.last.get(file)]) {
      if (known?.file === file && known.before === before) return known;
    }
    const replay = this.replay(file, before);
    this.last.set(file, replay);
    return replay;
  }
}
