import { problemsOf } from './fileProblems.ts';
import { revisionThat as revision } from './revisionExample.ts';
import type { Rule } from './rule.ts';

export const alembicDynamic: Rule = {
  id: 'alembic-dynamic',
  category: 'file',
  level: 'information',
  since: '0.1.0',
  peers: [],
  summary: 'Code of a revision that cannot be seen through, so its silence means nothing.',
  why: 'Revisions are read, not run: constants, loops over literals, helper functions of the file and conditions on the dialect are followed. What hangs on rows of the database, on other modules or on values of the moment is not known, and what may come of it is not checked. Later revisions are checked as if it could have made or dropped anything.',
  bad: () => [
    { files: [revision('op.execute(open("views.sql").read())')] },
    { files: [revision('for table in tables_of(op.get_bind()):\n        op.drop_table(table)')] },
    { files: [revision('create_audit_triggers(op)')] },
    { files: [revision('op.add_column("orders", sa.Column("total", Money()))')] },
  ],
  good: () => [
    { files: [revision('for table in ("a", "b"):\n        op.drop_table(table)')] },
    { files: [revision('op.execute(f"GRANT SELECT ON orders TO {\'reader\'}")')] },
    {
      files: [
        revision(
          'if op.get_bind().dialect.name == "sqlite":\n        op.execute("PRAGMA foreign_keys = ON")',
        ),
      ],
    },
  ],
  checkFile: (file) => problemsOf(file, 'alembic-dynamic'),
};
