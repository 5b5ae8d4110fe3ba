import { expect, test } from 'vitest';
import { TurnReplays } from '../../server/src/analysis/turnReplays.ts';
import { emptyCatalog } from '../../server/src/catalog/catalog.ts';
import { gooseFormat } from '../../server/src/migrations/formats/goose.ts';
import { inOneLine } from '../../server/src/migrations/history.ts';
import type { MigrationFile } from '../../server/src/migrations/migration.ts';
import { Replayer } from '../../server/src/replay/replay.ts';

class LookedUp extends Map<string, MigrationFile> {
  names: string[] = [];

  override get(path: string): MigrationFile | undefined {
    this.names.push(path);
    return super.get(path);
  }
}

/** The file that is open is looked at alone, before the rest of its folder is known. */
test('a file that was the first of its order once has others looked at no more often than any', () => {
  const files = new LookedUp();
  const replayer = new Replayer(14);
  const replays = new TurnReplays(files, emptyCatalog(), (file, before) => {
    const up = replayer.script(file.up, file.path, before);
    return { file, before, up, down: undefined, after: up.end };
  });
  const read = (path: string) => {
    const file = gooseFormat.read({ path, text: '-- +goose Up\n', byteOrderMark: false });
    files.set(path, file);
    return file;
  };
  const lookAtLast = () => {
    const { last } = inOneLine(ordered);
    if (last === undefined) throw new Error('there is no file');
    return last;
  };
  let ordered = [read('9.sql')];
  replays.reordered();
  replays.at(lookAtLast());
  ordered = [...['1.sql', '2.sql', '3.sql'].map(read), ...ordered];
  replays.reordered();
  const last = lookAtLast();
  replays.at(last);

  files.names = [];
  read('9.sql');
  replays.replaced('9.sql');
  replays.at(last);
  expect(files.names).toEqual(['9.sql']);
});
