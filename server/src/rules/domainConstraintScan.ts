import type { AlterDomainStmt } from '@pgsql/types';
import { displayName, writtenName } from '../catalog/catalog.ts';
import { qualified, stringsOf, typeKey } from '../catalog/resolve.ts';
import type { Fix } from '../migrations/change.ts';
import type { Site } from '../replay/site.ts';
import { inTransactionBlock, isNew } from '../replay/step.ts';
import { quoteName } from '../sql/names.ts';
import { findKeywords } from '../sql/spans/statementHead.ts';
import type { Rule } from './rule.ts';
import { listed, lockInWords } from './wording.ts';

const DOMAIN = 'CREATE DOMAIN percent AS int;\nCREATE TABLE orders (discount percent);';

export const domainConstraintScan: Rule = {
  id: 'domain-constraint-scan',
  category: 'locking',
  level: 'warning',
  since: '0.1.0',
  peers: ['squawk ban-alter-domain-with-add-constraint', 'pgsafe domain-constraint', 'pgfence alter-domain'],
  summary: 'A new constraint on a domain reads every table that uses it while it blocks writes.',
  why: 'ALTER DOMAIN ADD CONSTRAINT and SET NOT NULL test every row of every table with a column of the domain, under a SHARE lock on each: writes wait. Added NOT VALID the constraint tests new values only; ALTER DOMAIN VALIDATE CONSTRAINT tests the old ones at a time of your choice.',
  bad: () => [
    {
      files: [DOMAIN, 'ALTER DOMAIN percent ADD CONSTRAINT sane CHECK (VALUE <= 100);'],
      fixed:
        'ALTER DOMAIN percent ADD CONSTRAINT sane CHECK (VALUE <= 100) NOT VALID;\nALTER DOMAIN percent VALIDATE CONSTRAINT sane;',
    },
    {
      files: [DOMAIN, '-- +goose Up\nALTER DOMAIN percent ADD CONSTRAINT sane CHECK (VALUE <= 100);\n'],
      fixed: '-- +goose Up\nALTER DOMAIN percent ADD CONSTRAINT sane CHECK (VALUE <= 100) NOT VALID;\n',
      created: [
        '-- Tests the values that were there before sane was added.\n\n-- +goose Up\nALTER DOMAIN percent VALIDATE CONSTRAINT sane;\n',
      ],
    },
    { files: [DOMAIN, 'ALTER DOMAIN percent SET NOT NULL;'] },
    {
      files: [
        `${DOMAIN}\nCREATE DOMAIN small AS percent;\nCREATE TABLE c (d small);`,
        'ALTER DOMAIN percent ADD CHECK (VALUE > 0);',
      ],
    },
  ],
  good: () => [
    { files: [DOMAIN, 'ALTER DOMAIN percent ADD CONSTRAINT sane CHECK (VALUE <= 100) NOT VALID;'] },
    { files: ['CREATE DOMAIN percent AS int;', 'ALTER DOMAIN percent ADD CHECK (VALUE <= 100);'] },
    { files: [`${DOMAIN}\nALTER DOMAIN percent ADD CHECK (VALUE <= 100);`] },
    { files: ['CREATE DOMAIN p AS int;', 'CREATE TABLE t (a p);\nALTER DOMAIN p ADD CHECK (VALUE <= 100);'] },
    { files: ['CREATE DOMAIN p AS int NOT NULL;\nCREATE TABLE t (a p);', 'ALTER DOMAIN p SET NOT NULL;'] },
    { files: [DOMAIN, 'ALTER DOMAIN percent SET DEFAULT 0;'] },
    { files: [DOMAIN, '-- +goose Up\nSELECT 1;\n-- +goose Down\nALTER DOMAIN percent SET NOT NULL;\n'] },
  ],

  statements: ['AlterDomainStmt'],
  *checkStep(step) {
    if (!('AlterDomainStmt' in step.node)) return;
    const statement = step.node.AlterDomainStmt;
    const { schema, name } = qualified(stringsOf(statement.typeName));
    const domain = typeKey(step.before, step.session, schema, name);
    const clause = CLAUSES[statement.subtype ?? ''];
    const tables = step.effect.scans.map(({ relation }) => relation).filter((key) => !isNew(step, key));
    const [first] = tables;
    if (clause === undefined || first === undefined || isNew(step, domain)) return;
    const readable = listed([...new Set(tables)].map(displayName));
    yield {
      span: findKeywords(step.statement, clause) ?? { start: 0, end: step.statement.text.length },
      message: `This reads all of ${readable} while it blocks writes to them: they use the domain ${name}.`,
      why: `It takes ${lockInWords(step, first)}, and the same on each table that uses the domain, and holds it while it tests every value. ${
        statement.subtype === 'C'
          ? 'Add the constraint NOT VALID, and ALTER DOMAIN VALIDATE CONSTRAINT in a later migration.'
          : 'Add CHECK (VALUE IS NOT NULL) NOT VALID instead, and ALTER DOMAIN VALIDATE CONSTRAINT in a later migration.'
      }`,
      ...(statement.subtype === 'C' ? { fixes: (site: Site) => notValid(site, domain, statement) } : {}),
    };
  },
};

/** By AlterDomainStmt's subtype. VALIDATE, too, has to read; there is no other way. */
const CLAUSES: Readonly<Record<string, readonly string[]>> = { C: ['ADD'], O: ['SET', 'NOT', 'NULL'] };

function notValid(site: Site, domain: string, { def }: AlterDomainStmt): readonly Fix[] {
  const { step, statement } = site;
  const name = def !== undefined && 'Constraint' in def ? def.Constraint.conname : undefined;
  if (step.nested || name === undefined) return [];
  const validate = `ALTER DOMAIN ${writtenName(domain)} VALIDATE CONSTRAINT ${quoteName(name)}`;
  const clause = {
    kind: 'insertClause',
    statement,
    offset: step.statement.text.length,
    text: 'NOT VALID',
  } as const;
  if (!inTransactionBlock(step) && step.placement.mode === 'autocommit') {
    return [
      {
        title: 'Add it NOT VALID, then VALIDATE it',
        grade: 'safe',
        changes: [clause, { kind: 'insertAfter', statement, text: validate }],
      },
    ];
  }
  return [
    {
      title: 'Add it NOT VALID, and VALIDATE it in the next migration',
      grade: 'review',
      changes: [
        clause,
        {
          kind: 'newMigration',
          migration: {
            name: `validate_${name}`,
            transactional: true,
            up: [validate],
            down: [],
            comment: [`Tests the values that were there before ${name} was added.`],
          },
        },
      ],
    },
  ];
}
