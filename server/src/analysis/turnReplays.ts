import { type Catalog, emptyCatalog } from '../catalog/catalog.ts';
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
  private readonly replay: (file: MigrationFile, before: Catalog) => FileReplay;
  private readonly known = new WeakMap<Turn, Known>();
  private readonly last = new WeakMap<MigrationFile, FileReplay>();
  private round = 0;

  /** `files` are those of the history by path, as they are at any time; `replay` is what replaying one means. */
  constructor(
    files: ReadonlyMap<string, MigrationFile>,
    replay: (file: MigrationFile, before: Catalog) => FileReplay,
  ) {
    this.files = files;
    this.replay = replay;
  }

  /** Files have been changed, or the order of turns: what is known has to be looked at again. */
  nextRound(): void {
    this.round++;
  }

  /** A file after all turns that come before it; undefined where none of the turns has a file. */
  at(turn: Turn): FileReplay | undefined {
    const due: Turn[] = [];
    let settled: Turn | undefined = turn;
    while (settled !== undefined && this.known.get(settled)?.round !== this.round) {
      due.push(settled);
      settled = settled.before;
    }
    let replay = settled && this.known.get(settled)?.replay;
    for (const each of due.reverse()) {
      const file = this.files.get(each.path);
      if (file === undefined) continue;
      replay = this.replayed(each, file, replay?.after ?? emptyCatalogOnce);
      this.known.set(each, { replay, round: this.round });
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

/** One value, so that the start of every history is the identical catalog. */
const emptyCatalogOnce = emptyCatalog();
