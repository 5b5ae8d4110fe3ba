import { describe, expect, test } from 'vitest';
import {
  dateInWords,
  namingFolder,
  revisionFileName,
  wallTime,
} from '../../../server/src/migrations/formats/alembic/revisionFileName.ts';

const NOW = new Date('2026-01-02T23:04:05Z');

describe('the file of a new revision', () => {
  // As alembic 1.20 names it: ScriptDirectory._rev_path.
  test.each([
    ['%(rev)s_%(slug)s', 'add_users', 'abc_add_users.py'],
    [
      '%(year)d_%(month).2d_%(day).2d_%(hour).2d%(minute).2d-%(rev)s_%(slug)s',
      'Add: Users!',
      '2026_01_03_0004-abc_add_users.py',
    ],
    ['%(year)d/%(month)02d/%(slug)s', 'add', '2026/01/add.py'],
    ['%(epoch)s_%(rev)s', 'x', '1767395045_abc.py'],
    ['%(slug)s', 'one_two_three_four_five_six_seven_eight', 'one_two_three_four_.py'],
    ['%(slug)s', 'onetwothreefourfivesixseven', 'onetwothreefourfivesi_.py'],
    ['100%%_%(rev)s', 'x', '100%_abc.py'],
  ])('%s of %s', (fileTemplate, message, expected) => {
    const date = wallTime(NOW, 'europe/rome');
    expect(revisionFileName({ fileTemplate, truncateSlugLength: 21 }, 'abc', message, date)).toBe(expected);
  });

  test.each([
    ['%(rev)s_%(slug)s', 'db/versions/', 'db/versions/'],
    ['%(year)d/%(month).2d/%(rev)s', 'db/versions/2026/01/', 'db/versions/'],
    ['%(year)d/%(month).2d/%(rev)s', 'db/versions/', 'db/versions/'],
    ['v%(year)d.%(month)02d/%(rev)s', 'db/v2026.01/', 'db/'],
  ])('%s, beside %s', (fileTemplate, folder, expected) => {
    expect(namingFolder(folder, fileTemplate)).toBe(expected);
  });

  test('is dated', () => {
    expect(dateInWords(wallTime(NOW, 'UTC'))).toBe('2026-01-02 23:04:05');
  });
});
