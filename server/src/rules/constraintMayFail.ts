import type { Constraint as ConstraintNode } from '@pgsql/types';
import { type Constraint, columnOf, constraintOf, displayName, tableOf } from '../catalog/catalog.ts';
import { columnsIn, expressionOf } from '../catalog/expression.ts';
import { keyOfRangeVar, stringsOf } from '../catalog/resolve.ts';
import { scansOf } from '../effects/effect.ts';
import type { Fix } from '../migrations/change.ts';
import { perStep } from '../replay/perStep.ts';
import type { Site } from '../replay/site.ts';
import { isEmptied, isNew, isNewPart, type Step } from '../replay/step.ts';
import { quoteLiteral, quoteName } from '../sql/names.ts';
import type { Span } from '../sql/span.ts';
import type { AlterTableCommandSpans } from '../sql/spans/alterTable.ts';
import { createIndexSpans } from '../sql/spans/createIndex.ts';
import { alteredTable, isMissing } from './alteredTable.ts';
import { heldBefore, type TableColumns } from './heldBefore.ts';
import { keywordsSpan } from './place.ts';
import { duplicates, nulls, orphans, type PreCheck, violations } from './preCheck.ts';
import { uniqueKeysOf } from './rowWrites.ts';
import type { Rule, StepReport } from './rule.ts';
import { isNextval } from './schemaDifferences.ts';

const SHOPS =
  'CREATE TABLE shops (id bigint PRIMARY KEY);\nCREATE TABLE orders (id bigint, shop_id bigint CONSTRAINT shop REFERENCES shops, code text CONSTRAINT code UNIQUE, total int CONSTRAINT total_pos CHECK (total > 0));';

export const constraintMayFail: Rule = {
  id: 'constraint-may-fail',
  category: 'data',
  level: 'hint',
  since: '0.1.0',
  peers: ['Atlas MF101', 'Atlas MF104', 'django-migration-linter ADD_UNIQUE'],
  summary: 'Rows that are there already may break the constraint: then the migration fails.',
  why: 'NOT NULL, UNIQUE, CHECK and FOREIGN KEY are tested against every old row. What holds in a test database need not hold in production. Look before the deployment, with the query given, or let the migration look first and say what is wrong in your words.',
  bad: () => [
    {
      files: ['ALTER TABLE orders ALTER COLUMN note SET NOT NULL;'],
      fixed:
        "DO $$ BEGIN IF EXISTS (SELECT FROM orders WHERE note IS NULL) THEN RAISE EXCEPTION 'orders.note is NULL in some rows'; END IF; END $$;\nALTER TABLE orders ALTER COLUMN note SET NOT NULL;",
    },
    {
      files: [
        'CREATE UNIQUE INDEX CONCURRENTLY orders_code ON orders (shop, lower(code)) WHERE code IS NOT NULL;',
      ],
      fixed:
        "DO $$ BEGIN IF EXISTS (SELECT FROM orders WHERE code IS NOT NULL GROUP BY shop, lower(code) HAVING count(*) > 1 AND (shop, lower(code)) IS NOT NULL) THEN RAISE EXCEPTION 'orders has rows with the same (shop, lower(code))'; END IF; END $$;\nCREATE UNIQUE INDEX CONCURRENTLY orders_code ON orders (shop, lower(code)) WHERE code IS NOT NULL;",
    },
    {
      files: ['ALTER TABLE shop.orders ADD CONSTRAINT total_pos CHECK (total > 0);'],
      fixed:
        "DO $$ BEGIN IF EXISTS (SELECT FROM shop.orders WHERE NOT (total > 0)) THEN RAISE EXCEPTION 'shop.orders has rows that break the check (total > 0)'; END IF; END $$;\nALTER TABLE shop.orders ADD CONSTRAINT total_pos CHECK (total > 0);",
    },
    { files: ['ALTER TABLE orders ADD UNIQUE (code);'] },
    { files: ['ALTER TABLE orders ADD PRIMARY KEY (id);'] },
    { files: ['CREATE TABLE o (a int UNIQUE);', 'ALTER TABLE o ADD PRIMARY KEY (a);'] },
    {
      files: [
        'CREATE TABLE shops (id bigint PRIMARY KEY);\nCREATE TABLE orders (shop_id bigint);',
        'ALTER TABLE orders ADD FOREIGN KEY (shop_id) REFERENCES shops;',
      ],
      fixed:
        "DO $$ BEGIN IF EXISTS (SELECT FROM orders AS c WHERE c.shop_id IS NOT NULL AND NOT EXISTS (SELECT FROM shops AS p WHERE p.id = c.shop_id)) THEN RAISE EXCEPTION 'orders has rows whose (shop_id) is not in shops'; END IF; END $$;\nALTER TABLE orders ADD FOREIGN KEY (shop_id) REFERENCES shops;",
    },
    {
      files: [
        'ALTER TABLE orders ADD CONSTRAINT total_pos CHECK (total > 0) NOT VALID;',
        'ALTER TABLE orders VALIDATE CONSTRAINT total_pos;',
      ],
    },
    { files: ['ALTER TABLE orders ADD CONSTRAINT note_set NOT NULL note;'], postgresVersion: 18 },
    {
      files: ['ALTER TABLE o ADD COLUMN a int;\nALTER TABLE o ADD UNIQUE NULLS NOT DISTINCT (a);'],
      postgresVersion: 15,
    },
    {
      files: [
        SHOPS,
        'ALTER TABLE orders DROP CONSTRAINT total_pos, ALTER total TYPE bigint USING total - 1, ADD CHECK (total > 0);',
      ],
    },
    {
      files: [
        'CREATE TABLE o (a int, CONSTRAINT pos CHECK (a > 0) NO INHERIT);\nCREATE TABLE part () INHERITS (o);',
        'ALTER TABLE o DROP CONSTRAINT pos, ADD CONSTRAINT pos CHECK (a > 0);',
      ],
    },
    // Others write between two statements, and so does the migration itself.
    {
      files: [
        SHOPS,
        'ALTER TABLE orders DROP CONSTRAINT shop;\nALTER TABLE orders ADD CONSTRAINT shop FOREIGN KEY (shop_id) REFERENCES shops ON DELETE CASCADE;',
      ],
    },
    {
      files: [
        `-- +goose Up\n${SHOPS}`,
        '-- +goose Up\nALTER TABLE orders DROP CONSTRAINT total_pos;\nUPDATE orders SET total = total - 1 WHERE id < 9;\nALTER TABLE orders ADD CONSTRAINT total_pos CHECK (total > 0);\n',
      ],
    },
    {
      files: [
        `-- +goose Up\n${SHOPS}`,
        '-- +goose Up\nALTER TABLE orders DROP CONSTRAINT shop;\nDROP TABLE shops;\nCREATE TABLE shops (id bigint PRIMARY KEY);\nALTER TABLE orders ADD CONSTRAINT shop FOREIGN KEY (shop_id) REFERENCES shops;\n',
      ],
    },
    {
      files: [
        SHOPS,
        'ALTER TABLE orders DROP CONSTRAINT code, ADD CONSTRAINT code UNIQUE NULLS NOT DISTINCT (code);',
      ],
    },
    {
      files: [
        'CREATE TABLE o (a int, b int, CONSTRAINT k PRIMARY KEY (a));',
        'ALTER TABLE o DROP CONSTRAINT k, ADD CONSTRAINT k PRIMARY KEY (a, b);',
      ],
    },
  ],
  good: () => [
    { files: ['ALTER TABLE orders ADD CONSTRAINT total_pos CHECK (total > 0) NOT VALID;'] },
    { files: ['CREATE TABLE o (a int);\nALTER TABLE o ADD UNIQUE (a);\nCREATE UNIQUE INDEX ON o (a);'] },
    { files: ['ALTER TABLE o ADD COLUMN a int;\nALTER TABLE o ADD UNIQUE (a);'] },
    { files: ['ALTER TABLE o ADD COLUMN a int;\nALTER TABLE o ADD CHECK (a > 0);'] },
    {
      files: [
        'ALTER TABLE o ADD COLUMN a serial;\nALTER TABLE o ADD UNIQUE (a);\nALTER TABLE o ADD COLUMN b int GENERATED ALWAYS AS IDENTITY;\nCREATE UNIQUE INDEX ON o (b);\nALTER TABLE o ADD PRIMARY KEY (b);',
      ],
    },
    { files: ['ALTER TABLE o ADD COLUMN a int NOT NULL DEFAULT 1;\nALTER TABLE o ADD CHECK (a > 0);'] },
    { files: ['CREATE TABLE o (a int NOT NULL);', 'ALTER TABLE o ALTER a SET NOT NULL;'] },
    {
      files: [
        'CREATE TABLE o (a int CONSTRAINT a_set CHECK (a IS NOT NULL));',
        'ALTER TABLE o ALTER a SET NOT NULL;',
      ],
    },
    { files: ['CREATE TABLE o (a int UNIQUE, b int);', 'CREATE UNIQUE INDEX ON o (a, b);'] },
    {
      files: [
        'CREATE TABLE o (a int NOT NULL, b int NOT NULL, UNIQUE (a, b));',
        'ALTER TABLE o ADD PRIMARY KEY (b, a);',
      ],
    },
    { files: ['ALTER TABLE o ADD CONSTRAINT o_a UNIQUE USING INDEX o_a_idx;'] },
    // Old rows were held to it until now.
    {
      files: [
        `-- +goose Up\n${SHOPS}`,
        '-- +goose Up\nALTER TABLE orders DROP CONSTRAINT shop;\nALTER TABLE orders ADD COLUMN note text;\nALTER TABLE orders ADD CONSTRAINT shop FOREIGN KEY (shop_id) REFERENCES shops ON DELETE CASCADE;\n',
      ],
    },
    {
      files: [
        SHOPS,
        'ALTER TABLE orders DROP CONSTRAINT shop, ADD CONSTRAINT shop FOREIGN KEY (shop_id) REFERENCES shops (id) ON DELETE CASCADE, DROP CONSTRAINT code, ADD CONSTRAINT code UNIQUE (shop_id, code), DROP CONSTRAINT total_pos, ADD CONSTRAINT total_above CHECK (total > 0);',
      ],
    },
    { files: ['CREATE INDEX ON o (a);'] },
    {
      files: ['-- +goose Up\nTRUNCATE o;\nALTER TABLE o ADD CHECK (a > 0);\nCREATE UNIQUE INDEX ON o (a);\n'],
    },
    { files: ['-- +goose Up\nSELECT 1;\n-- +goose Down\nALTER TABLE o ALTER a SET NOT NULL;\n'] },
  ],

  scriptConcerns: (step) => doubtsOf(step).length > 0,
  *checkScript({ steps }, _history, concerning) {
    for (const step of concerning) {
      for (const { check, span, rows = [], saysAsMuch } of doubtsOf(step)) {
        if (saysAsMuch !== undefined && heldBefore(steps, step, rows, saysAsMuch)) continue;
        yield { step, ...report(step, check, span) };
      }
    }
  },
};

/** Why old rows may not fit. */
interface Doubt {
  readonly check: PreCheck;
  readonly span: Span;
  /** What a constraint hangs on, and which others would have held old rows to it. */
  readonly rows?: readonly TableColumns[];
  readonly saysAsMuch?: (constraint: Constraint) => boolean;
}

const doubtsOf = perStep((step: Step): readonly Doubt[] => [...inIndex(step), ...inCommands(step)]);

function report(step: Step, check: PreCheck, span: Span): StepReport {
  const look = check.query === undefined ? '' : ` Look first: ${check.query}`;
  return {
    span,
    message: `This fails if ${check.ifSo}.`,
    why: `Old rows are tested too; one that does not fit makes the migration fail (${check.code}).${look}`,
    fixes: (site) => guard(step, site, check),
  };
}

function guard(step: Step, site: Site, { query, ifSo }: PreCheck): readonly Fix[] {
  if (query === undefined || step.nested || query.includes('$$')) return [];
  const message = quoteLiteral(ifSo.replaceAll('%', '%%'));
  const text = `DO $$ BEGIN IF EXISTS (${query}) THEN RAISE EXCEPTION ${message}; END IF; END $$`;
  return [
    {
      title: 'Look for such rows first',
      grade: 'review',
      changes: [{ kind: 'insertBefore', statement: site.statement, text }],
    },
  ];
}

/** CREATE UNIQUE INDEX. */
function* inIndex(step: Step): Generator<Doubt> {
  if (!('IndexStmt' in step.node) || step.node.IndexStmt.unique !== true) return;
  const { relation, indexParams, nulls_not_distinct } = step.node.IndexStmt;
  const table = keyOfRangeVar(step.before, step.session, relation);
  if (isNew(step, table) || isMissing(step, table) || isEmptied(step, table)) return;
  const columns = (indexParams ?? []).flatMap((each) =>
    'IndexElem' in each ? (each.IndexElem.name ?? []) : [],
  );
  const spans = createIndexSpans(step.statement);
  const where = spans?.where && step.statement.text.slice(spans.where.start, spans.where.end);
  const plain = columns.length === (indexParams ?? []).length;
  const nullsToo = nulls_not_distinct === true;
  const isUnique = plain && where === undefined && isUniqueAlready(step, table, columns);
  if (isUnique && (!nullsToo || nullableOf(step, table, columns) === undefined)) return;
  if (isNumberedColumn(step, table, columns)) return;
  if (!nullsToo && isEmptyColumn(step, table, columns)) return;
  const keys = spans?.elements.map(({ start, end }) => step.statement.text.slice(start, end)) ?? [];
  // What follows an element (COLLATE, an operator class, DESC) has no place in GROUP BY.
  const groups = keys.every((key) => /^([\w$]+|"[^"]+"|[\w$]*\(.*\))$/s.test(key)) ? keys : [];
  yield {
    check: duplicates(table, groups, { where, nullsToo }),
    span: keywordsSpan(step.statement, 'create', 'unique', 'index'),
  };
}

function* inCommands(step: Step): Generator<Doubt> {
  const altered = alteredTable(step);
  if (altered === undefined || isEmptied(step, altered.key)) return;
  const { key } = altered;
  for (const spans of altered.commands) {
    const { command } = spans;
    const span = spans.constraint ?? spans.name ?? spans.span;
    if (command.subtype === 'AT_SetNotNull') {
      const column = command.name ?? '';
      const scanned = scansOf(step.effect, key).some(
        (scan) => scan.reason === 'notNull' && scan.subject === column,
      );
      if (scanned) yield { check: nulls(key, column), span };
    } else if (command.subtype === 'AT_ValidateConstraint') {
      const known = constraintOf(altered.table, command.name ?? '');
      if (known?.validated !== true) {
        const ifSo = `an old row of ${displayName(key)} breaks ${command.name}`;
        yield { check: { ifSo, code: known?.kind === 'foreignKey' ? '23503' : '23514' }, span };
      }
    } else if (command.subtype === 'AT_AddConstraint' && command.def && 'Constraint' in command.def) {
      const doubt = ofConstraint(step, key, command.def.Constraint, spans);
      if (doubt !== undefined) yield { ...doubt, span };
    }
  }
}

function ofConstraint(
  step: Step,
  table: string,
  node: ConstraintNode,
  spans: AlterTableCommandSpans,
): Omit<Doubt, 'span'> | undefined {
  if (node.skip_validation === true || node.indexname !== undefined) return undefined;
  const keys = stringsOf(node.keys);
  switch (node.contype) {
    case 'CONSTR_NOTNULL': {
      const [column = ''] = keys;
      return columnOf(tableOf(step.before, table), column)?.notNull === true
        ? undefined
        : { check: nulls(table, column) };
    }
    case 'CONSTR_CHECK': {
      const columns = columnsIn([node.raw_expr]);
      // All rows of a column that is this new have the one value that the same author gave it.
      if (columns.length > 0 && columns.every((each) => isNewPart(step, table, each))) return undefined;
      const { fingerprint } = node.raw_expr === undefined ? {} : expressionOf(node.raw_expr);
      return {
        check: violations(table, expressionText(step, spans)),
        rows: [{ table, columns }],
        saysAsMuch: ({ kind, expression, noInherit }) =>
          kind === 'check' &&
          expression !== undefined &&
          expression.fingerprint === fingerprint &&
          (!noInherit || node.is_no_inherit === true),
      };
    }
    case 'CONSTR_UNIQUE':
    case 'CONSTR_PRIMARY': {
      const primary = node.contype === 'CONSTR_PRIMARY';
      const nullsToo = primary || node.nulls_not_distinct === true;
      const nullable = nullableOf(step, table, keys);
      if (isUniqueAlready(step, table, keys) && (primary || !nullsToo || nullable === undefined)) {
        return primary && nullable !== undefined ? { check: nulls(table, nullable) } : undefined;
      }
      if (isNumberedColumn(step, table, keys)) return undefined;
      if (!nullsToo && isEmptyColumn(step, table, keys)) return undefined;
      return {
        check: duplicates(table, keys.map(quoteName), { nullsToo }),
        rows: [{ table, columns: keys }],
        saysAsMuch: ({ kind, columns }) =>
          node.without_overlaps !== true &&
          (kind === 'primaryKey' || (kind === 'unique' && !nullsToo)) &&
          columns.length > 0 &&
          (!primary || columns.length === keys.length) &&
          columns.every((each) => keys.includes(each)),
      };
    }
    case 'CONSTR_FOREIGN': {
      const columns = stringsOf(node.fk_attrs);
      if (isEmptyColumn(step, table, columns)) return undefined;
      const target = keyOfRangeVar(step.before, step.session, node.pktable);
      const primary = tableOf(step.before, target)?.constraints.find((each) => each.kind === 'primaryKey');
      const referenced = node.pk_attrs === undefined ? (primary?.columns ?? []) : stringsOf(node.pk_attrs);
      return {
        check: orphans(table, columns, target, referenced),
        rows: [
          { table, columns },
          { table: target, columns: referenced },
        ],
        saysAsMuch: (other) =>
          other.kind === 'foreignKey' &&
          other.references?.table === target &&
          node.fk_with_period !== true &&
          (node.fk_matchtype !== 'f' || other.references.matchFull === true) &&
          other.columns.join('\0') === columns.join('\0') &&
          other.references.columns.join('\0') === referenced.join('\0'),
      };
    }
    default:
      return undefined;
  }
}

/** The condition of a CHECK as written: what stands between its parentheses. */
function expressionText({ statement }: Step, { constraint }: AlterTableCommandSpans): string | undefined {
  if (constraint === undefined) return undefined;
  const text = statement.text.slice(constraint.start, constraint.end);
  const open = text.indexOf('(');
  let depth = 0;
  for (const token of statement.tokens) {
    if (token.start < constraint.start + open) continue;
    if (token.value === '(' && token.kind === 'punctuation') depth++;
    if (token.value === ')' && token.kind === 'punctuation') depth--;
    if (depth === 0) return statement.text.slice(constraint.start + open + 1, token.start);
  }
  return undefined;
}

/** One of the columns that may hold NULL. */
function nullableOf(step: Step, table: string, columns: readonly string[]): string | undefined {
  const known = tableOf(step.before, table);
  return columns.find((each) => columnOf(known, each)?.notNull !== true);
}

/** Whether a part of these columns is unique already, but for NULLs. */
function isUniqueAlready(step: Step, table: string, columns: readonly string[]): boolean {
  return uniqueKeysOf(step.before, table).some(
    (key) => key.length > 0 && key.every((column) => column !== undefined && columns.includes(column)),
  );
}

/** Whether one of the columns was just added without a value: NULL breaks no such constraint. */
function isEmptyColumn(step: Step, table: string, columns: readonly string[]): boolean {
  return columns.some((column) => isNewPart(step, table, column) && valuesOf(step, table, column) === 'none');
}

/** Whether one of them was just added with another number for each row. */
function isNumberedColumn(step: Step, table: string, columns: readonly string[]): boolean {
  return columns.some(
    (column) => isNewPart(step, table, column) && valuesOf(step, table, column) === 'numbers',
  );
}

/** What old rows have in a column that is new. */
function valuesOf(step: Step, table: string, column: string): 'none' | 'numbers' | 'others' {
  const known = columnOf(tableOf(step.before, table), column);
  if (known === undefined) return 'others';
  if (known.identity !== undefined) return 'numbers';
  if (known.default === undefined) return 'none';
  return isNextval(known.default) ? 'numbers' : 'others';
}
