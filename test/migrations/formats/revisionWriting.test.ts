import { describe, expect, it } from 'vitest';
import type { Change } from '../../../server/src/migrations/change.ts';
import { applyEdits } from '../../../server/src/migrations/edits.ts';
import { alembicFormat } from '../../../server/src/migrations/formats/alembic.ts';

const NOW = new Date('2026-01-02T03:04:05Z');

function written(text: string, ...changes: Change[]) {
  const format = alembicFormat();
  const file = format.read({ path: 'versions/1975ea83b712_users.py', text, byteOrderMark: false });
  const { edits, creates } = format.apply(changes, file, [file], { now: () => NOW });
  return {
    text: applyEdits(
      text,
      edits.map(({ span, newText }) => ({ span, text: newText })),
    ),
    creates,
  };
}

const docstring = '"""users\n\nRevision ID: 1975ea83b712\nRevises: ae10\nCreate Date: 2026\n"""\n';
const setParents = (...parents: string[]): Change => ({ kind: 'setParents', parents });

describe('a place in the graph', () => {
  it.each([
    [
      'in the quotes of the file, and in the docstring',
      `${docstring}revision = '1975ea83b712'\ndown_revision = 'ae10'\n`,
      setParents('b3f1', 'c0de'),
      `${docstring.replace('Revises: ae10', 'Revises: b3f1, c0de')}revision = '1975ea83b712'\ndown_revision = ('b3f1', 'c0de')\n`,
    ],
    [
      'at none',
      `${docstring}revision: str = "1975ea83b712"\ndown_revision: Union[str, None] = ("ae10", "b3f1")\n`,
      setParents(),
      `${docstring.replace('Revises: ae10', 'Revises:')}revision: str = "1975ea83b712"\ndown_revision: Union[str, None] = None\n`,
    ],
    [
      'where there was none',
      'revision = "1975ea83b712"\r\nbranch_labels = None\r\n',
      setParents('ae10'),
      'revision = "1975ea83b712"\r\ndown_revision = "ae10"\r\nbranch_labels = None\r\n',
    ],
  ])('is written %s', (_, text, change, expected) => {
    expect(written(text, change).text).toBe(expected);
  });

  it('has an id that is another one each time', () => {
    const text = `${docstring}revision = "1975ea83b712"\ndown_revision = None\n`;
    const changed = written(text, { kind: 'newRevisionId' }).text;
    const [, id] = /^revision = "(.*)"$/m.exec(changed) ?? [];
    expect(id).toMatch(/^[0-9a-f]{12}$/);
    expect(changed).toBe(text.replaceAll('1975ea83b712', id ?? ''));
  });

  it('is taken by a new revision, written as its neighbour is', () => {
    const { creates } = written("revision = '1975ea83b712'\r\ndown_revision = None\r\n", {
      kind: 'newMigration',
      migration: { name: 'merge', transactional: true, up: [], down: [], parents: ['a', 'b'] },
    });
    const format = alembicFormat();
    const [made] = creates;
    expect(made?.path).toMatch(/^versions\/[0-9a-f]{12}_merge\.py$/);
    expect(made?.text.replaceAll('\r\n', '')).not.toContain('\n');
    expect(
      format.read({ path: made?.path ?? '', text: made?.text ?? '', byteOrderMark: false }),
    ).toMatchObject({ revision: { downRevisions: ['a', 'b'] }, problems: [] });
  });
});
