import type { Node } from '@pgsql/types';
import { walk } from '../catalog/expression.ts';

/** A piece of syntax, and the major version that brought it. */
export interface NewSyntax {
  readonly since: number;
  /** What it is called: "UNIQUE NULLS NOT DISTINCT". */
  readonly what: string;
  /** Words that stand there, lower case, one after the other. */
  readonly words: readonly string[];
  /** Where to look for them: an offset in the statement's text. */
  readonly near: number;
}

type Fields = Readonly<Record<string, unknown>>;

interface Row {
  readonly since: number;
  readonly what: string;
  /** Where `what` is not what stands in the statement. */
  readonly words?: string;
  /** Which nodes of the kind; all, when absent. */
  readonly when?: (fields: Fields) => boolean;
}

/** The syntax in a statement that a server of this version does not know yet. */
export function newerSyntaxIn(node: Node, postgresVersion: number): readonly NewSyntax[] {
  const found: NewSyntax[] = [];
  walk(node, (kind, fields) => {
    for (const row of KINDS[kind] ?? []) {
      if (row.since <= postgresVersion || row.when?.(fields) === false) continue;
      const { since, what, words = what } = row;
      const near = typeof fields.location === 'number' ? Math.max(0, fields.location) : 0;
      found.push({ since, what, words: words.toLowerCase().split(' '), near });
    }
  });
  return found;
}

const is =
  (key: string, ...values: readonly unknown[]) =>
  (fields: Fields): boolean =>
    values.length === 0 ? fields[key] !== undefined : values.includes(fields[key]);

const hasOption =
  (name: string, list = 'options') =>
  (fields: Fields): boolean =>
    namesOf(fields[list]).includes(name);

function namesOf(options: unknown): readonly (string | undefined)[] {
  if (!Array.isArray(options)) return [];
  return options.map((each: { DefElem?: { defname?: string } }) => each.DefElem?.defname);
}

/** Of a column an attribute of its own; of a table a constraint that is neither enforced nor validated. */
function isUnenforced({ contype, is_enforced, skip_validation }: Fields): boolean {
  if (contype === 'CONSTR_ATTR_NOT_ENFORCED') return true;
  const kind = contype === 'CONSTR_CHECK' || contype === 'CONSTR_FOREIGN';
  return kind && is_enforced !== true && skip_validation === true;
}

/** Kind of node to what of it is new. Source: "Changes" of each major version's release notes, and its gram.y. */
const KINDS: Readonly<Record<string, readonly Row[]>> = {
  // 13
  DropdbStmt: [{ since: 13, what: 'DROP DATABASE … WITH (FORCE)', words: 'force', when: hasOption('force') }],
  AlterTypeStmt: [{ since: 13, what: 'ALTER TYPE … SET (…)', words: 'set' }],
  AlterStatsStmt: [{ since: 13, what: 'ALTER STATISTICS … SET STATISTICS', words: 'set statistics' }],
  RenameStmt: [
    {
      since: 13,
      what: 'ALTER VIEW … RENAME COLUMN',
      words: 'rename',
      when: (fields) => fields.renameType === 'OBJECT_COLUMN' && fields.relationType === 'OBJECT_VIEW',
    },
  ],
  AlterObjectDependsStmt: [
    { since: 13, what: 'NO DEPENDS ON EXTENSION', words: 'no depends', when: is('remove', true) },
  ],

  // 13 to 18: one kind of node, many forms
  AlterTableCmd: [
    { since: 13, what: 'DROP EXPRESSION', when: is('subtype', 'AT_DropExpression') },
    { since: 14, what: 'SET COMPRESSION', when: is('subtype', 'AT_SetCompression') },
    {
      since: 14,
      what: 'DETACH PARTITION … FINALIZE',
      words: 'finalize',
      when: is('subtype', 'AT_DetachPartitionFinalize'),
    },
    { since: 15, what: 'SET ACCESS METHOD', when: is('subtype', 'AT_SetAccessMethod') },
    {
      since: 17,
      what: 'SET ACCESS METHOD DEFAULT',
      when: (fields) => fields.subtype === 'AT_SetAccessMethod' && fields.name === undefined,
    },
    {
      since: 16,
      what: 'SET STORAGE DEFAULT',
      when: (fields) =>
        fields.subtype === 'AT_SetStorage' &&
        (fields.def as { String?: { sval?: string } } | undefined)?.String?.sval === 'default',
    },
    { since: 17, what: 'SET EXPRESSION', when: is('subtype', 'AT_SetExpression') },
  ],
  PartitionCmd: [
    {
      since: 14,
      what: 'DETACH PARTITION … CONCURRENTLY',
      words: 'concurrently',
      when: is('concurrent', true),
    },
  ],
  ATAlterConstraint: [
    {
      since: 18,
      what: 'ALTER CONSTRAINT … ENFORCED',
      words: 'alter constraint',
      when: is('alterEnforceability', true),
    },
    {
      since: 18,
      what: 'ALTER CONSTRAINT … INHERIT',
      words: 'alter constraint',
      when: is('alterInheritability', true),
    },
  ],

  // 14
  CreateTrigStmt: [
    { since: 14, what: 'CREATE OR REPLACE TRIGGER', words: 'or replace', when: is('replace', true) },
  ],
  CreateFunctionStmt: [
    {
      since: 14,
      what: 'A function body in SQL itself (RETURN, BEGIN ATOMIC)',
      words: 'create',
      when: is('sql_body'),
    },
  ],
  CommonTableExpr: [
    { since: 14, what: 'SEARCH in WITH', words: 'search', when: is('search_clause') },
    { since: 14, what: 'CYCLE in WITH', words: 'cycle', when: is('cycle_clause') },
  ],
  SelectStmt: [
    {
      since: 13,
      what: 'FETCH FIRST … WITH TIES',
      words: 'with ties',
      when: is('limitOption', 'LIMIT_OPTION_WITH_TIES'),
    },
    { since: 14, what: 'GROUP BY DISTINCT', when: is('groupDistinct', true) },
  ],
  JoinExpr: [{ since: 14, what: 'JOIN … USING (…) AS', words: 'using', when: is('join_using_alias') }],
  ReindexStmt: [
    {
      since: 14,
      what: 'REINDEX (TABLESPACE …)',
      words: 'tablespace',
      when: hasOption('tablespace', 'params'),
    },
    {
      since: 16,
      what: 'REINDEX of the current database without its name',
      words: 'reindex',
      when: (fields) => /DATABASE|SYSTEM/.test(String(fields.kind)) && fields.name === undefined,
    },
  ],
  AlterSubscriptionStmt: [
    {
      since: 14,
      what: 'ALTER SUBSCRIPTION … ADD or DROP PUBLICATION',
      words: 'publication',
      when: is('kind', 'ALTER_SUBSCRIPTION_ADD_PUBLICATION', 'ALTER_SUBSCRIPTION_DROP_PUBLICATION'),
    },
    {
      since: 15,
      what: 'ALTER SUBSCRIPTION … SKIP',
      words: 'skip',
      when: is('kind', 'ALTER_SUBSCRIPTION_SKIP'),
    },
  ],
  StatsElem: [
    { since: 14, what: 'CREATE STATISTICS on an expression', words: 'statistics', when: is('expr') },
  ],
  CreateStatsStmt: [
    {
      since: 16,
      what: 'CREATE STATISTICS without a name',
      words: 'statistics',
      when: (fields) => fields.defnames === undefined,
    },
  ],
  ColumnDef: [
    { since: 14, what: 'COMPRESSION of a column', words: 'compression', when: is('compression') },
    {
      since: 16,
      what: 'STORAGE of a new column',
      words: 'storage',
      when: is('storage_name'),
    },
  ],

  // 15
  MergeStmt: [
    { since: 15, what: 'MERGE' },
    { since: 17, what: 'MERGE … RETURNING', words: 'returning', when: is('returningClause') },
  ],
  MergeWhenClause: [
    {
      since: 17,
      what: 'WHEN NOT MATCHED BY SOURCE',
      words: 'not matched by source',
      when: is('matchKind', 'MERGE_WHEN_NOT_MATCHED_BY_SOURCE'),
    },
  ],
  IndexStmt: [{ since: 15, what: 'NULLS NOT DISTINCT', when: is('nulls_not_distinct', true) }],
  Constraint: [
    { since: 15, what: 'NULLS NOT DISTINCT', when: is('nulls_not_distinct', true) },
    { since: 15, what: 'ON DELETE SET … (columns)', words: 'on delete', when: is('fk_del_set_cols') },
    {
      since: 18,
      what: 'A virtual generated column',
      words: 'generated',
      when: (fields) => fields.contype === 'CONSTR_GENERATED' && fields.generated_kind === 'v',
    },
    { since: 18, what: 'NOT ENFORCED', when: isUnenforced },
    { since: 18, what: 'ENFORCED', when: is('contype', 'CONSTR_ATTR_ENFORCED') },
    { since: 18, what: 'WITHOUT OVERLAPS', when: is('without_overlaps', true) },
    { since: 18, what: 'PERIOD in a foreign key', words: 'period', when: is('fk_with_period', true) },
    {
      since: 18,
      what: 'NOT NULL … NO INHERIT',
      words: 'no inherit',
      when: (fields) => fields.contype === 'CONSTR_NOTNULL' && fields.is_no_inherit === true,
    },
  ],
  PublicationObjSpec: [
    {
      since: 15,
      what: 'TABLES IN SCHEMA',
      when: is('pubobjtype', 'PUBLICATIONOBJ_TABLES_IN_SCHEMA', 'PUBLICATIONOBJ_TABLES_IN_CUR_SCHEMA'),
    },
    {
      since: 15,
      what: 'A publication of some rows or columns of a table',
      words: 'table',
      when: ({ pubtable }) => {
        const table = pubtable as Fields | undefined;
        return table?.whereClause !== undefined || table?.columns !== undefined;
      },
    },
  ],
  CreateSeqStmt: [
    {
      since: 15,
      what: 'CREATE UNLOGGED SEQUENCE',
      words: 'unlogged',
      when: ({ sequence }) => (sequence as Fields | undefined)?.relpersistence === 'u',
    },
  ],
  AlterTableStmt: [
    {
      since: 15,
      what: 'ALTER SEQUENCE … SET LOGGED or UNLOGGED',
      words: 'set',
      when: ({ objtype, cmds }) =>
        objtype === 'OBJECT_SEQUENCE' && /AT_Set(Un)?Logged/.test(JSON.stringify(cmds)),
    },
  ],
  GrantStmt: [
    {
      since: 15,
      what: 'Privileges ON PARAMETER',
      words: 'parameter',
      when: is('objtype', 'OBJECT_PARAMETER_ACL'),
    },
  ],
  AccessPriv: [
    { since: 17, what: 'The privilege MAINTAIN', words: 'maintain', when: is('priv_name', 'maintain') },
  ],
  ViewStmt: [
    {
      since: 15,
      what: 'security_invoker of a view',
      words: 'security_invoker',
      when: hasOption('security_invoker'),
    },
  ],
  AlterDatabaseRefreshCollStmt: [{ since: 15, what: 'REFRESH COLLATION VERSION' }],

  // 16
  RangeSubselect: [
    {
      since: 16,
      what: 'A query in FROM without an alias',
      words: 'from',
      when: (fields) => fields.alias === undefined,
    },
  ],
  GrantRoleStmt: [
    {
      since: 16,
      what: 'GRANT of a role WITH INHERIT or SET',
      words: 'with',
      when: ({ opt }) => namesOf(opt).some((name) => name === 'inherit' || name === 'set'),
    },
  ],
  JsonArrayConstructor: [{ since: 16, what: 'JSON_ARRAY' }],
  JsonArrayQueryConstructor: [{ since: 16, what: 'JSON_ARRAY' }],
  JsonObjectConstructor: [{ since: 16, what: 'JSON_OBJECT' }],
  JsonArrayAgg: [{ since: 16, what: 'JSON_ARRAYAGG' }],
  JsonObjectAgg: [{ since: 16, what: 'JSON_OBJECTAGG' }],
  JsonIsPredicate: [{ since: 16, what: 'IS JSON', words: 'json' }],

  // 17
  JsonTable: [{ since: 17, what: 'JSON_TABLE' }],
  JsonFuncExpr: [
    { since: 17, what: 'JSON_EXISTS', when: is('op', 'JSON_EXISTS_OP') },
    { since: 17, what: 'JSON_QUERY', when: is('op', 'JSON_QUERY_OP') },
    { since: 17, what: 'JSON_VALUE', when: is('op', 'JSON_VALUE_OP') },
  ],
  JsonParseExpr: [{ since: 17, what: 'JSON()', words: 'json' }],
  JsonScalarExpr: [{ since: 17, what: 'JSON_SCALAR' }],
  JsonSerializeExpr: [{ since: 17, what: 'JSON_SERIALIZE' }],
  FuncCall: [
    {
      since: 17,
      what: 'AT LOCAL',
      when: ({ funcformat, funcname, args }) =>
        funcformat === 'COERCE_SQL_SYNTAX' &&
        JSON.stringify(funcname).includes('"timezone"') &&
        Array.isArray(args) &&
        args.length === 1,
    },
    {
      since: 13,
      what: 'IS NORMALIZED',
      when: ({ funcformat, funcname }) =>
        funcformat === 'COERCE_SQL_SYNTAX' && JSON.stringify(funcname).includes('"is_normalized"'),
    },
  ],
  CopyStmt: [
    { since: 17, what: 'COPY … ON_ERROR', words: 'on_error', when: hasOption('on_error') },
    { since: 16, what: 'COPY … DEFAULT', words: 'default', when: hasOption('default') },
  ],

  // 18
  ReturningOption: [{ since: 18, what: 'RETURNING WITH (OLD or NEW)', words: 'returning with' }],
  VacuumRelation: [
    {
      since: 18,
      what: 'VACUUM or ANALYZE of ONLY a table',
      words: 'only',
      when: ({ relation }) => relation !== undefined && (relation as Fields).inh !== true,
    },
  ],
};
