import { problemsOf } from './fileProblems.ts';
import { revisionThat as revision } from './revisionExample.ts';
import type { Rule } from './rule.ts';

export const alembicBindParameter: Rule = {
  id: 'alembic-bind-parameter',
  category: 'file',
  level: 'error',
  since: '0.1.0',
  peers: [],
  summary: 'SQL in which a colon begins a parameter that has no value.',
  why: 'SQLAlchemy takes `:name` for a parameter wherever it stands in a text: inside the quotes of JSON, in a time, in a comment. The revision stops there with “A value is required for bind parameter”, online and offline. Write a colon that begins none as `\\\\:` (`\\:` in a raw string), or give the parameter its value with `sa.text(…).bindparams(…)`.',
  bad: () => [
    {
      files: [revision(`op.execute("UPDATE orders SET note = '{\\"a\\":1}'")`)],
      fixed: revision(`op.execute("UPDATE orders SET note = '{\\"a\\"\\\\:1}'")`).text,
    },
    {
      files: [revision(`op.execute(r"""UPDATE orders SET note = '{"a":1}'""")`)],
      fixed: revision(`op.execute(r"""UPDATE orders SET note = '{"a"\\:1}'""")`).text,
    },
    { files: [revision('op.execute("DROP TABLE orders -- as in :note")')] },
    { files: [revision('op.execute(sa.text("DELETE FROM orders WHERE id = :id"))')] },
    { files: [revision('op.get_bind().execute(sa.text("DELETE FROM orders WHERE id = :id"), {"key": 1})')] },
    {
      files: [
        revision('op.execute(sa.text("DELETE FROM orders WHERE id = :id AND note = :n").bindparams(id=1))'),
      ],
    },
  ],
  good: () => [
    { files: [revision(`op.execute("UPDATE orders SET note = '{\\"a\\": 1}', at = '12:30'::time")`)] },
    { files: [revision(`op.execute("UPDATE orders SET note = '{\\"a\\"\\\\:1}'")`)] },
    { files: [revision('op.execute(sa.text("DELETE FROM orders WHERE id = :id").bindparams(id=1))')] },
    { files: [revision('op.get_bind().execute(sa.text("DELETE FROM orders WHERE id = :id"), {"id": 1})')] },
    { files: [revision('op.get_bind().execute(sa.text("DELETE FROM orders WHERE id = :id"), values())')] },
    {
      files: [
        revision(
          'op.get_bind().execute(sa.text("DELETE FROM orders WHERE id = :id"), [{"id": 1}, {"id": 2}])',
        ),
      ],
    },
    { files: [revision('op.execute(sa.text("DELETE FROM orders WHERE id = :id").bindparams(*values()))')] },
    { files: [revision('op.execute(sa.text("DELETE FROM orders WHERE id = :id").bindparams(**values()))')] },
    // As SQLAlchemy takes it before 2.
    { files: [revision('op.get_bind().execute(sa.text("DELETE FROM orders WHERE id = :id"), id=1)')] },
    {
      files: [
        revision(
          'connection = op.get_bind()\n    query = sa.text("DELETE FROM orders WHERE id = :id")\n    for row in connection.execute(sa.text("SELECT id FROM old")):\n        connection.execute(query, id=row[0])',
        ),
      ],
    },
    // The driver has its own parameters.
    {
      files: [revision(`op.get_bind().exec_driver_sql("UPDATE orders SET note = '{\\"a\\":1}'")`)],
    },
  ],
  checkFile: (file) => problemsOf(file, 'alembic-bind-parameter'),
};
