import type { AlterTableCmd } from '@pgsql/types';
import { apply } from '../catalog/apply.ts';
import { type Catalog, displayName, tableOf } from '../catalog/catalog.ts';
import { existence } from '../catalog/existence.ts';
import { isNew, isNewPart, type Step } from '../replay/step.ts';
import { alteredTable } from './alteredTable.ts';
import { tokenSpan } from './place.ts';
import type { Rule } from './rule.ts';
import { listed } from './wording.ts';

export const dropCascade: Rule = {
  id: 'drop-cascade',
  category: 'data',
  level: 'warning',
  since: '0.1.0',
  peers: ['squawk ban-drop-table', 'pgfence drop-cascade', 'pgsafe drop-cascade'],
  summary: 'CASCADE drops whatever depends on the object, seen or not.',
  why: 'Views, foreign keys, columns and functions that hang on the object go without a word, also those that were made after the migration was written, or by hand. Drop each of them by name, and the object without CASCADE: then PostgreSQL stops where something was forgotten.',
  bad: () => [
    {
      files: [
        'CREATE TABLE orders (id bigint PRIMARY KEY, note text);\nCREATE VIEW notes AS SELECT note FROM orders;\nCREATE TABLE lines (o bigint CONSTRAINT lines_o REFERENCES orders);',
        'DROP TABLE orders CASCADE;',
      ],
    },
    { files: ['-- +goose Up\nALTER TABLE orders DROP COLUMN IF EXISTS note CASCADE;\n'] },
    { files: ['ALTER TABLE orders DROP CONSTRAINT orders_pkey CASCADE;'] },
    { files: ['DROP SCHEMA shop CASCADE;'] },
    { files: ['DROP EXTENSION IF EXISTS citext CASCADE;'] },
    { files: ['DROP FUNCTION total(int) CASCADE;'] },
  ],
  good: () => [
    { files: ['DROP TABLE orders;'] },
    { files: ['DROP TABLE orders RESTRICT;'] },
    { files: ['CREATE TABLE o (id int);\nDROP TABLE o CASCADE;'] },
    { files: ['CREATE TABLE a (id int);', 'DROP TABLE IF EXISTS o CASCADE;'] },
    { files: ['ALTER TABLE o ADD a int;\nALTER TABLE o DROP COLUMN a CASCADE;'] },
    { files: ['-- +goose Up\nSELECT 1;\n-- +goose Down\nDROP TABLE o CASCADE;\n'] },
  ],

  statements: ['DropStmt', 'AlterTableStmt'],
  *checkStep(step) {
    const named = droppedBy(step);
    if (named.length === 0) return;
    const also = fallen(step);
    const cascade = step.statement.tokens.findLast((token) => token.value === 'cascade');
    // In a history that shows everything, nothing hidden can hang on it.
    const harmless = also.length === 0 && step.before.fromScratch === true && !step.before.uncertain;
    yield {
      span: tokenSpan(step.statement, 'cascade', cascade?.start),
      ...(harmless ? { severity: 'information' as const } : {}),
      message:
        also.length === 0
          ? `CASCADE drops whatever depends on ${listed(named)} without naming it.`
          : `CASCADE drops more than ${listed(named)}: ${listed(also)}.`,
      why:
        also.length === 0
          ? 'The history shows nothing that does; views, foreign keys or functions made elsewhere would go without a word. Leave CASCADE out: PostgreSQL then says what stands in the way.'
          : 'Drop each of these by name first, and leave CASCADE out: PostgreSQL then stops where something was forgotten.',
    };
  },
};

/** What the statement names to be dropped with CASCADE and was there before the script, as a person writes it. */
function droppedBy(step: Step): readonly string[] {
  if ('DropStmt' in step.node) {
    if (step.node.DropStmt.behavior !== 'DROP_CASCADE') return [];
    const named = step.mentions.filter(
      (each) => !isNew(step, each.key) && existence(step.before, each, step.session) !== 'missing',
    );
    if (step.mentions.length > 0) return named.map((each) => displayName(each.key));
    const word = step.statement.tokens.findLast(
      (token) => token.kind !== 'punctuation' && token.value !== 'cascade',
    );
    return [word?.value ?? 'it'];
  }
  const altered = alteredTable(step);
  return (altered?.commands ?? []).flatMap(({ command }) => {
    const name = command.name ?? '';
    const drops = DROPPING.has(command.subtype) && command.behavior === 'DROP_CASCADE';
    return altered === undefined || !drops || isNewPart(step, altered.key, name)
      ? []
      : [`${altered.name}.${name}`];
  });
}

const DROPPING: ReadonlySet<AlterTableCmd['subtype']> = new Set(['AT_DropColumn', 'AT_DropConstraint']);

/** What goes besides: the catalog before and after, compared. */
function fallen(step: Step): readonly string[] {
  const after = apply(step.before, step.node, { searchPath: step.session.searchPath, path: '' });
  const named = new Set(step.mentions.map((each) => each.key));
  const gone: string[] = [];
  for (const [key, relation] of step.before.relations.entries()) {
    const left = after.relations.get(key);
    if (left === relation || named.has(key)) continue;
    if (left === undefined) {
      const withTable =
        (relation.kind === 'index' && !after.relations.has(relation.table)) ||
        (relation.kind === 'sequence' && relation.ownedBy !== undefined) ||
        (relation.kind === 'index' && relation.constraint !== undefined);
      if (!withTable) gone.push(`${IN_WORDS[relation.kind] ?? relation.kind} ${displayName(key)}`);
    } else gone.push(...lostParts(step.before, after, key));
  }
  // The order of a map's entries is that in which they came into it.
  return gone.sort();
}

const IN_WORDS: Readonly<Partial<Record<string, string>>> = {
  materializedView: 'materialized view',
  foreignTable: 'foreign table',
  compositeType: 'type',
};

function lostParts(before: Catalog, after: Catalog, key: string): readonly string[] {
  const old = tableOf(before, key);
  const left = tableOf(after, key);
  if (old === undefined || left === undefined) return [];
  const lost = (
    what: string,
    names: readonly { name: string }[],
    kept: readonly { name: string }[],
  ): string[] =>
    names
      .filter(({ name }) => !kept.some((each) => each.name === name))
      .map(({ name }) => `${what} ${name} of ${displayName(key)}`);
  return [
    ...lost('column', old.columns, left.columns),
    ...lost('constraint', old.constraints, left.constraints),
    ...lost('trigger', old.triggers, left.triggers),
    ...lost('policy', old.policies, left.policies),
  ];
}
