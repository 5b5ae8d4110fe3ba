import { qualified, stringsOf, typeKey } from '../catalog/resolve.ts';
import type { Fix } from '../migrations/change.ts';
import { statementsOf } from '../migrations/migration.ts';
import type { Site } from '../replay/site.ts';
import type { Step } from '../replay/step.ts';
import type { Offer } from '../rewrites/offer.ts';
import { canComeLast } from '../rewrites/ownMigration.ts';
import { type EnumValue, enumUses } from './enumUses.ts';
import type { HistoryView, ReplayedScript, Rule } from './rule.ts';
import { type Segment, splitScript, topSteps } from './splitScript.ts';
import { transactionsOf } from './transactions.ts';

const MOOD = "CREATE TYPE mood AS ENUM ('a', 'b');\nCREATE TABLE p (m mood, note text);";
const ADD = "ALTER TYPE mood ADD VALUE 'c';";

export const enumValueUsedInTransaction: Rule = {
  id: 'enum-value-used-in-transaction',
  category: 'transaction',
  level: 'error',
  since: '0.1.0',
  peers: ['pgsafe enum-value-used-in-transaction'],
  summary: 'A value that ALTER TYPE has added cannot be used before its transaction is over.',
  why: 'Until ALTER TYPE … ADD VALUE is committed, PostgreSQL refuses to read the new value (55P04, unsafe use of new value): in a comparison, a DEFAULT, a CHECK, the predicate of an index, the body of a SQL function. Use it in the next migration. A PL/pgSQL body is read only when it runs. From PostgreSQL 17 on the values of a type made in the same transaction may be used at once.',
  bad: () => [
    {
      files: [MOOD, `-- +goose Up\n${ADD}\nUPDATE p SET m = 'c' WHERE note = 'x';\n`],
      fixed: `-- +goose Up\n${ADD}\n`,
      created: ["-- +goose Up\nUPDATE p SET m = 'c' WHERE note = 'x';\n"],
    },
    { files: [`BEGIN;\n${ADD}\nUPDATE p SET m = 'c' WHERE m = 'a';\nCOMMIT;`] },
    {
      files: [MOOD, `BEGIN;\n${ADD}\nALTER TABLE p ALTER COLUMN m SET DEFAULT 'c';\nCOMMIT;`],
      fixed: `BEGIN;\n${ADD}\nCOMMIT;\nBEGIN;\nALTER TABLE p ALTER COLUMN m SET DEFAULT 'c';\nCOMMIT;`,
    },
    { files: [MOOD, `BEGIN;\n${ADD}\nALTER TABLE p ADD CHECK (m IN ('a', 'c'));\nCOMMIT;`] },
    { files: [MOOD, `BEGIN;\n${ADD}\nCREATE INDEX ON p (note) WHERE m = 'c';\nCOMMIT;`] },
    { files: [MOOD, `BEGIN;\n${ADD}\nINSERT INTO p (note, m) VALUES ('c', 'a'), ('a', 'c');\nCOMMIT;`] },
    { files: [`BEGIN;\n${ADD}\nSELECT 'c'::mood;\nCOMMIT;`] },
    { files: [MOOD, `BEGIN;\n${ADD}\nCREATE TABLE q (m mood NOT NULL DEFAULT 'c');\nCOMMIT;`] },
    {
      files: [
        MOOD,
        `BEGIN;\n${ADD}\nCREATE FUNCTION f() RETURNS bigint LANGUAGE sql AS $$ SELECT count(*) FROM p WHERE m = 'c' $$;\nCOMMIT;`,
      ],
    },
    { files: [MOOD, `DO $$ BEGIN\n  ${ADD}\n  UPDATE p SET m = 'c';\nEND $$;`] },
    {
      files: [`BEGIN;\n${MOOD}\n${ADD}\nINSERT INTO p VALUES ('c', 'x');\nCOMMIT;`],
      postgresVersion: 16,
    },
    {
      files: [MOOD, `-- +goose Up\nSELECT 1;\n-- +goose Down\n${ADD}\nUPDATE p SET m = 'c' WHERE m = 'b';\n`],
    },
  ],
  good: () => [
    { files: [MOOD, `${ADD}\nUPDATE p SET m = 'c' WHERE m = 'a';`] },
    {
      files: [MOOD, `-- +goose NO TRANSACTION\n-- +goose Up\n${ADD}\nUPDATE p SET m = 'c' WHERE m = 'a';\n`],
    },
    { files: [MOOD, `-- +goose Up\n${ADD}\n`, "-- +goose Up\nUPDATE p SET m = 'c' WHERE m = 'a';\n"] },
    {
      files: [MOOD, `BEGIN;\n${ADD}\nUPDATE p SET m = 'b', note = 'c' WHERE note = 'c' OR m = 'a';\nCOMMIT;`],
    },
    {
      files: [
        MOOD,
        `BEGIN;\n${ADD}\nINSERT INTO p (note, m) VALUES ('c', 'a');\nSELECT 'c', 'c'::text;\nCOMMIT;`,
      ],
    },
    { files: [MOOD, `BEGIN;\n${ADD}\nALTER TYPE mood ADD VALUE 'd' AFTER 'c';\nCOMMIT;`] },
    { files: [MOOD, "BEGIN;\nALTER TYPE mood ADD VALUE IF NOT EXISTS 'b';\nUPDATE p SET m = 'b';\nCOMMIT;"] },
    {
      files: [
        MOOD,
        `-- +goose Up\n${ADD}\n-- +goose StatementBegin\nCREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.m := 'c'; UPDATE p SET m = 'c'; RETURN NEW; END $$;\n-- +goose StatementEnd\n`,
      ],
    },
    {
      files: [`BEGIN;\n${MOOD}\n${ADD}\nINSERT INTO p VALUES ('c', 'x');\nCOMMIT;`],
      postgresVersion: 17,
    },
    { files: [`BEGIN;\n${MOOD}\nINSERT INTO p VALUES ('b', 'x');\nCOMMIT;`], postgresVersion: 14 },
  ],

  scriptConcerns: (step) => addedValue(step) !== undefined,
  *checkScript(script, history) {
    const { postgresVersion } = history;
    for (const transaction of transactionsOf(script)) {
      const added: EnumValue[] = [];
      const [first] = transaction;
      for (const step of transaction) {
        for (const each of added) {
          const [offset] = enumUses(step.node, step.before, step.session, each);
          if (offset === undefined) continue;
          const token = step.statement.tokens.find((one) => one.start === offset) ?? step.statement.tokens[0];
          yield {
            step,
            span: { start: token?.start ?? 0, end: token?.end ?? 0 },
            message: `The value '${each.value}' was added in this same transaction and cannot be used before that is committed.`,
            why: 'PostgreSQL refuses it with SQLSTATE 55P04 (unsafe use of new value), so the migration can only fail. Add the value in one migration and use it in the next.',
            fixes: (site) => useLater(site, script, history),
          };
        }
        const value = addedValue(step);
        // Since 17 a type of this very transaction has no other users who could be confused by it.
        const safe =
          postgresVersion >= 17 && first !== undefined && !first.before.types.has(value?.type ?? '');
        if (value !== undefined && !(safe && step.before.types.has(value.type))) added.push(value);
      }
    }
  },
};

/** The value that ALTER TYPE … ADD VALUE adds; none where IF NOT EXISTS finds it there already. */
function addedValue(step: Step): EnumValue | undefined {
  if (!('AlterEnumStmt' in step.node)) return undefined;
  const { typeName, newVal, oldVal, skipIfNewValExists } = step.node.AlterEnumStmt;
  if (newVal === undefined || oldVal !== undefined) return undefined;
  const { schema, name } = qualified(stringsOf(typeName));
  const type = typeKey(step.before, step.session, schema, name);
  const known = step.before.types.get(type);
  const isThere = known?.kind === 'enum' && known.values.includes(newVal);
  return skipIfNewValExists && isThere ? undefined : { type, value: newVal };
}

const DATA_STATEMENTS = ['UpdateStmt', 'DeleteStmt', 'InsertStmt'] as const;

/** What uses the value, and all that follows it, after what adds it has been committed. */
function useLater(site: Site, script: ReplayedScript, history: HistoryView): readonly Offer[] {
  const { step, file } = site;
  const hasDown = file.down !== undefined && statementsOf(file.down).length > 0;
  const alone = hasDown ? [] : useInNextMigration(site);
  if (alone.length > 0 || step.nested) return alone;
  if (step.session.transaction === 'explicit') return commitBefore(site);
  const steps = topSteps(script).map((each) => each.step);
  const segments: Segment[] = [];
  let added: EnumValue[] = [];
  for (const each of steps) {
    const uses = added.some((value) => enumUses(each.node, each.before, each.session, value).length > 0);
    const last = segments.at(-1);
    if (last === undefined || uses) {
      segments.push({
        steps: [each],
        transactional: true,
        name: 'use_new_enum_value',
        does: segments.length === 0 ? 'adds the value' : 'uses the value, which is committed by now',
      });
      added = [];
    } else segments[segments.length - 1] = { ...last, steps: [...last.steps, each] };
    const value = addedValue(each);
    if (value !== undefined) added.push(value);
  }
  return splitScript(script, history, 'Add the value first, and use it then', segments);
}

/** Where the file itself says what a transaction is: another one from the use on. */
function commitBefore({ step, statement }: Site): readonly Offer[] {
  if (Object.keys(step.session.local).length > 0) {
    return [
      {
        refused:
          'what SET LOCAL has set ends with the COMMIT that must come before the use: write COMMIT and BEGIN there, and the SET LOCAL again',
      },
    ];
  }
  return [
    {
      title: 'Commit the value before it is used',
      grade: 'review',
      changes: [
        { kind: 'insertBefore', statement, text: 'COMMIT' },
        { kind: 'insertBefore', statement, text: 'BEGIN' },
      ],
    },
  ];
}

/** Where nothing but the end of the transaction follows it. */
function useInNextMigration(site: Site): readonly Fix[] {
  const { step, statement, script } = site;
  const all = statementsOf(script);
  const rest = all.slice(all.indexOf(statement) + 1);
  const isLast = rest.every(({ parsed: { node } }) => node !== undefined && 'TransactionStmt' in node);
  // Where files run without a transaction, what changes the schema would have to be able to run again there.
  const fits = step.session.transaction === 'tool' || DATA_STATEMENTS.some((kind) => kind in step.node);
  if (step.nested || script.direction !== 'up' || !isLast || !fits || !canComeLast(site)) return [];
  return [
    {
      title: 'Move it into the next migration',
      grade: 'review',
      changes: [
        {
          kind: 'moveToNewMigration',
          statements: [statement],
          migration: { name: 'use_new_enum_value', transactional: true, up: [step.statement.text], down: [] },
        },
      ],
    },
  ];
}
