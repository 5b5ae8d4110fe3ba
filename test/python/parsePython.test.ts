import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ParsedPython } from '../../server/src/python/parsePython.ts';

const revision = `"""a revision"""
from alembic import op

revision: str = "a1"  # the id
down_revision = None


def upgrade() -> None:
    for name in ("a", "b"):
        op.execute(f"DROP TABLE {name}")


def downgrade() -> None:
    with op.batch_alter_table("t") as batch_op:
        batch_op.add_column(sa.Column("x", sa.Integer()))
`;

describe('a file that is parsed again after an edit', () => {
  const edit = fc.record({
    at: fc.nat(revision.length),
    length: fc.nat(20),
    text: fc.constantFrom(
      '',
      'x',
      '\n',
      '    ',
      '"',
      "'''",
      '(',
      ')',
      '#',
      'def f():\n    pass\n',
      ':',
      '\\\n',
    ),
  });

  test('is what it is when it is parsed from scratch', () => {
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 5 }), (edits) => {
        let parsed = ParsedPython.of(revision);
        for (const { at, length, text } of edits) {
          const next = parsed.text.slice(0, at) + text + parsed.text.slice(at + length);
          parsed = ParsedPython.of(next, parsed);
          const { body, comments, errors } = ParsedPython.of(next);
          expect({ body: parsed.body, comments: parsed.comments, errors: parsed.errors }).toEqual({
            body,
            comments,
            errors,
          });
        }
      }),
    );
  });
});

describe('what is no Python', () => {
  test('is named, and the rest is read', () => {
    const { body, errors } = ParsedPython.of('x = (\ndef upgrade():\n    pass\ny = 1\n');
    expect(errors.length).toBeGreaterThan(0);
    expect(body.map(({ kind }) => kind)).toContain('assign');
  });

  test('any text is read without an error thrown', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        ParsedPython.of(text);
      }),
    );
  });
});

test('comments are told from strings', () => {
  const text = 'a = "# no"  # yes\n';
  const { comments } = ParsedPython.of(text);
  expect(comments.map(({ start, end }) => text.slice(start, end))).toEqual(['# yes']);
});
