import { existence } from '../catalog/existence.ts';
import type { Step } from '../replay/step.ts';
import type { Token } from '../sql/lexer.ts';
import { quoteName } from '../sql/names.ts';
import { problemsOf } from './fileProblems.ts';
import { revisionThat } from './revisionExample.ts';
import type { Rule } from './rule.ts';

/** NAMEDATALEN - 1 (pg_config_manual.h). */
const LONGEST = 63;

const LONG = 'orders_that_were_cancelled_by_the_customer_before_they_were_paid_for';

export const identifierTooLong: Rule = {
  id: 'identifier-too-long',
  category: 'style',
  level: 'warning',
  since: '0.1.0',
  peers: ['squawk identifier-too-long'],
  summary: 'PostgreSQL cuts a name after 63 bytes.',
  why: 'The server cuts the name with no more than a notice. Two names that differ behind that meet as one, and who looks for the whole name in the catalog does not find it. Letters beyond ASCII take two bytes and more. In a directive of alembic an index or constraint with a name of more than 63 characters stops the revision with IdentifierError, unless op.f gives it.',
  bad: () => [
    {
      files: [`CREATE INDEX ${LONG} ON orders (id);`],
      fixed: `CREATE INDEX ${LONG.slice(0, LONGEST)} ON orders (id);`,
    },
    { files: [`-- +goose Up\nALTER TABLE orders ADD COLUMN "${'ä'.repeat(32)}" int;\n`] },
    { files: [`DO $$ BEGIN\n  CREATE TABLE ${LONG} (id int);\nEND $$;`] },
    {
      files: [
        `CREATE TABLE orders (id int, CONSTRAINT ${LONG} PRIMARY KEY (id));`,
        `DO $$ BEGIN\n  ALTER TABLE orders ADD CONSTRAINT ${LONG}_fk FOREIGN KEY (id) REFERENCES shops (id);\nEXCEPTION WHEN duplicate_object THEN NULL;\nEND $$;`,
      ],
    },
    {
      files: [
        `CREATE INDEX ${LONG} ON orders (id);`,
        `CREATE INDEX IF NOT EXISTS ${LONG}_too ON orders (a);`,
      ],
    },
    // alembic itself stops.
    {
      files: [revisionThat(`op.create_index("${LONG}", "orders", ["id"])`)],
      fixed: revisionThat(`op.create_index("${LONG.slice(0, LONGEST)}", "orders", ["id"])`).text,
    },
    { files: [revisionThat(`op.drop_constraint("${LONG}", "orders", schema="shop")`)] },
    {
      files: [
        revisionThat(
          `op.create_table("orders", sa.Column("id", sa.Integer()), sa.CheckConstraint("id > 0", name="${LONG}"))`,
        ),
      ],
    },
  ],
  good: () => [
    { files: [`CREATE INDEX ${LONG.slice(0, LONGEST)} ON orders (id);`] },
    { files: [revisionThat(`op.create_index(op.f("${LONG}"), "orders", ["id"])`)] },
    { files: [revisionThat(`op.create_index("${LONG.slice(0, LONGEST)}", "orders", ["id"])`)] },
    { files: [`COMMENT ON TABLE orders IS '${LONG}';`] },
    { files: [`CREATE TABLE orders (id int); -- ${LONG}`] },
    { files: [`ALTER TABLE orders ADD COLUMN "${'ä'.repeat(31)}" int;`] },
    { files: [`CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $$ SELECT '${LONG}' $$;`] },
  ],

  checkFile: (file) => problemsOf(file, 'identifier-too-long'),

  *checkStep(step) {
    // To read all tokens of each statement would cost more than all else.
    if (step.statement.templated || !/[\w$\u0080-\uffff]{22}|"[^"]{22}/.test(step.statement.text)) return;
    for (const token of step.statement.tokens) {
      if (!isTooLong(token)) continue;
      const cut = cutName(token.value);
      const taken = isTaken(step, cut);
      const meeting = taken ? ', a name that is taken already' : '';
      yield {
        span: { start: token.start, end: token.end },
        message: `This name is longer than ${LONGEST} bytes: PostgreSQL cuts it to ${cut}${meeting}.`,
        why: taken
          ? 'So it does not make what is written here: the statement fails, or passes over it where IF NOT EXISTS or a handler of EXCEPTION lets it. Choose a shorter name.'
          : 'Two names that differ behind that meet as one. Choose a shorter one.',
        fixes: ({ statement }) =>
          step.nested || taken
            ? []
            : [
                {
                  title: `Write the name as PostgreSQL keeps it, ${cut}`,
                  grade: 'safe',
                  changes: [
                    {
                      kind: 'replaceStatement',
                      statement,
                      span: { start: token.start, end: token.end },
                      text: quoteName(cut),
                    },
                  ],
                },
              ],
      };
    }
  },
};

/** Whether the statement makes something of this name, and there is one. */
function isTaken(step: Step, name: string): boolean {
  if (step.before.uncertain) return false;
  return step.mentions.some(
    (each) =>
      each.role === 'makes' &&
      (each.part ?? each.name) === name &&
      existence(step.before, each, step.session) === 'there',
  );
}

function isTooLong({ kind, value }: Token): boolean {
  return (kind === 'word' || kind === 'quotedName') && value.length > LONGEST / 3 && bytes(value) > LONGEST;
}

/** The whole letters that fit (pg_mbcliplen). */
function cutName(name: string): string {
  let cut = '';
  for (const letter of name) {
    if (bytes(cut + letter) > LONGEST) break;
    cut += letter;
  }
  return cut;
}

/** Length in UTF-8. */
function bytes(text: string): number {
  return new TextEncoder().encode(text).length;
}
