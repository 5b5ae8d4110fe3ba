import type { Circumstances, Outside, StatementToRun } from '../../../python/interpreter.ts';
import { type MappedText, spanInDocument, unmapped } from '../../../python/mappedText.ts';
import { type CallValue, type Item, isTrue, NONE, truth, type Value } from '../../../python/value.ts';
import { kindOf } from '../../../sql/parser.ts';
import type { Span } from '../../../sql/span.ts';
import type { ParsedStatement, Statement } from '../../../sql/statement.ts';
import type { Obstacle, Query, Unit } from '../../migration.ts';
import { bind, constructOf, methodCallOf, stringArgument } from './arguments.ts';
import {
  changesRows,
  commits,
  connectionOf,
  executes,
  isHarmless,
  isSession,
  reaches,
  sendsAsItIs,
} from './connections.ts';
import { tableName } from './constraints.ts';
import { type BatchTable, boundTo, DIRECTIVES, type Directive, isWhole } from './directives.ts';
import { withDriverValues } from './driverValues.ts';
import {
  bulkInsert,
  type Executable,
  executableOf,
  type OpenParameter,
  openParameters,
  valuesGiven,
} from './executables.ts';
import type { KnownStatements, Sent } from './knownStatements.ts';
import {
  type CalledDirective,
  type CallSite,
  commentsOf,
  loweredStatement,
  statementsIn,
} from './loweredStatement.ts';
import { type RefusedName, refusedNames } from './refusedNames.ts';
import { conventionalName, LONGEST_NAME, sql } from './sqlText.ts';
import { createTable, type EnumsMade, readTable } from './tables.ts';
import { createEnum, typeOf } from './types.ts';

/** Something that the file does and nobody here can see. */
export interface Unseen {
  readonly span: Span;
  readonly what: UnseenKind;
  /** As it is written. */
  readonly source: string;
}

/** `data`, `dataLoop` and `value` leave the schema known: rows are changed, a part of a statement is open. */
export type UnseenKind = 'code' | 'directive' | 'incomplete' | 'sql' | 'loop' | 'data' | 'dataLoop' | 'value';

/** What one direction of a revision sends, as far as it can be seen. */
export class RevisionScript implements Outside {
  /** What it sends, in order. */
  private readonly sent: Sent[] = [];
  readonly unseen: Unseen[] = [];
  /** Comments in the SQL of strings, in the document. */
  readonly comments: Span[] = [];
  /** Where alembic would stop, or would have to be run to know. */
  readonly stops: Obstacle[] = [];
  /** Of all that was done, in order: whether it may change the schema. */
  private readonly changes: boolean[] = [];
  private readonly source: string;
  private readonly known: KnownStatements;
  private readonly enums = new KnownEnums();
  private autocommit = 0;
  /** What waits for the end of a batch, innermost last. */
  private readonly batches: { readonly call: CallValue; readonly waiting: (() => void)[] }[] = [];

  /** `known` is shared by the scripts of a file. */
  constructor(source: string, known: KnownStatements) {
    this.source = source;
    this.known = known;
  }

  get units(): readonly Unit[] {
    const units: Unit[] = [];
    let open: Query[] | undefined;
    for (const { query, isOut } of this.sent) {
      if (isOut) {
        units.push({ mode: query.statements.length > 1 ? 'oneQueryString' : 'autocommit', queries: [query] });
        open = undefined;
      } else if (open === undefined) {
        open = [query];
        units.push({ mode: 'transaction', queries: open });
      } else open.push(query);
    }
    return units;
  }

  get statements(): readonly Statement[] {
    return this.sent.flatMap(({ query }) => query.statements);
  }

  get done(): number {
    return this.changes.length;
  }

  statement(statement: StatementToRun): void {
    const { start, end } = statement.span;
    const text = this.source.slice(start, end);
    const isOut = this.autocommit > 0;
    const known = this.known.take(text, statement, isOut);
    if (known !== undefined) {
      this.sent.push(...known.sent);
      this.unseen.push(...known.unseen);
      this.comments.push(...known.comments);
      this.stops.push(...known.stops);
      this.changes.push(...known.changes);
      return;
    }
    const { sent, unseen, comments, stops, changes, enums } = this;
    const before = [sent, unseen, comments, stops, changes].map(({ length }) => length);
    const { asked } = enums;
    const names = statement.run();
    // What is made of an enum hangs on those that are known already.
    if (names === undefined || enums.asked > asked) return;
    const [sentBefore, unseenBefore, commentsBefore, stopsBefore, changesBefore] = before;
    this.known.keep(text, statement, isOut, names, {
      sent: sent.slice(sentBefore),
      unseen: unseen.slice(unseenBefore),
      comments: comments.slice(commentsBefore),
      stops: stops.slice(stopsBefore),
      changes: changes.slice(changesBefore),
    });
  }

  called(call: CallValue, circumstances: Circumstances): Value | undefined {
    const site: CallSite = { span: call.span, callee: call.calleeSpan, ...circumstances };
    const directive = directiveName(call.callee);
    if (directive !== undefined) return this.directive(directive, call, site, undefined);
    if (handsOn(call)) return this.notSeen(call.span, 'code');
    if (isContextExecute(call)) return this.execute(call, site);
    const method = methodCallOf(call);
    if (method === undefined) return this.function(call);
    const batch = batchOf(method.of);
    if (batch !== undefined) return this.directive(method.name, call, site, batch);
    if (executes(method)) return this.executeOn(method.of, call, site);
    if (commits(method)) {
      this.commit(call.span);
      return NONE;
    }
    if (changesRows(method)) return this.notSeen(call.span, 'data');
    return this.schemaItem(call, site);
  }

  attribute(of: Value, name: string): Value | undefined {
    const owner = of.kind === 'attribute' ? of.name : undefined;
    if (name === 'name' && (owner === 'dialect' || owner === 'engine')) return POSTGRESQL;
    return name === 'as_sql' ? truth(false) : undefined;
  }

  entered({ value, span }: Item): { readonly value: Value; readonly leave?: () => void } {
    const method = methodCallOf(value);
    if (method?.name === 'autocommit_block') {
      return { value, leave: this.enterAutocommit(span) };
    }
    const call = batchOf(value);
    if (call === undefined) return { value };
    const batch = { call, waiting: [] };
    this.batches.push(batch);
    return { value, leave: () => this.leaveBatch(batch) };
  }

  discarded(call: CallValue): void {
    if (!isHarmless(call.callee)) this.notSeen(call.span, 'code');
  }

  guessed(head: Span, since: number): void {
    this.notSeen(head, this.changes.slice(since).includes(true) ? 'loop' : 'dataLoop');
  }

  stopped(span: Span): void {
    this.stops.push({ span, message: 'The revision ends here, with an exception.' });
  }

  private directive(
    name: string,
    call: CallValue,
    site: CallSite,
    batch: CallValue | undefined,
  ): Value | undefined {
    switch (name) {
      case 'f':
        return namedByConvention(call.args[0]?.value);
      case 'execute':
        return this.execute(call, site);
      case 'bulk_insert':
        return this.bulkInsert(call, site);
      case 'get_bind':
      case 'get_context':
      case 'inline_literal':
        return undefined;
      case 'batch_alter_table': {
        const recreates = stringArgument(bind(call, ['table_name']), 'recreate') === 'always';
        if (recreates) this.notSeen(call.span, 'directive');
        return undefined;
      }
    }
    const directive = Object.hasOwn(DIRECTIVES, name) ? DIRECTIVES[name] : undefined;
    if (directive === undefined || !call.complete) return this.notSeen(call.span, 'directive');
    const bound = boundTo(directive, call, batch && batchTable(batch));
    if (!isWhole(directive, bound)) return this.notSeen(call.span, 'incomplete');
    const emit = () => {
      const table = batch && batchTable(batch);
      const lower = lowering(directive, table, this.enums.all());
      const called = { name, call, lower, ...(batch && { batch: batch.span }) };
      this.emit(directive.emit(bound, this.enums), { ...site, directive: called });
    };
    const open = this.batches.find((each) => each.call === batch);
    if (open === undefined) emit();
    else open.waiting.push(emit);
    // A table that was made can be written to.
    return name === 'create_table' ? undefined : NONE;
  }

  /** A block that sends nothing still commits what was sent before it. */
  private enterAutocommit(span: Span): () => void {
    const { length } = this.sent;
    this.autocommit++;
    return () => {
      this.autocommit--;
      if (this.sent.length === length) this.commit(span);
    };
  }

  private commit(span: Span): void {
    this.sent.push({ query: { span, statements: [] }, isOut: true });
  }

  private leaveBatch(batch: (typeof this.batches)[number]): void {
    this.batches.splice(this.batches.indexOf(batch), 1);
    for (const emit of batch.waiting) emit();
  }

  /** A function from elsewhere: who is given the connection, or `op` itself, may do anything with it. */
  private function(call: CallValue): Value | undefined {
    const { callee } = call;
    if (callee.kind === 'external' && callee.path === 'alembic.context.is_offline_mode') return truth(false);
    if (isHarmless(callee) || isSession(call) || constructOf(call)?.path.startsWith('sqlalchemy'))
      return undefined;
    return isGivenAccess(call) ? this.notSeen(call.span, 'code') : undefined;
  }

  /** SQL on a connection: the revision's own, or one that was got from it. */
  private executeOn(connection: Value, call: CallValue, site: CallSite): Value | undefined {
    const { isOther, isAutocommit } = connectionOf(connection);
    const { length } = this.sent;
    if (isAutocommit) this.autocommit++;
    const value = this.execute(call, site);
    if (isAutocommit) this.autocommit--;
    if ((isOther || isAutocommit) && this.sent.length > length) {
      this.stops.push({ span: call.span, message: 'This does not run on the connection of the revision.' });
    }
    return value;
  }

  private execute(call: CallValue, site: CallSite): Value | undefined {
    const bound = bind(call, ['sqltext', 'parameters']);
    const item = bound.get('sqltext') ?? bound.get('statement') ?? bound.get('sql');
    if (item === undefined) return this.notSeen(call.span, 'sql');
    const parameters = bound.get('parameters') ?? bound.get('params');
    const given = valuesGiven(call, parameters);
    const method = methodCallOf(call);
    const asItIs = method !== undefined && item.value.kind === 'string' && sendsAsItIs(method);
    if (asItIs && (parameters !== undefined || given.values.length > 0)) {
      this.stops.push({
        span: parameters?.span ?? call.span,
        message: 'How the driver puts in these values is not known.',
      });
    }
    if (!asItIs) this.stops.push(...openParameters(item, given).map((open) => openStop(open, item, site)));
    const executable: Executable = asItIs
      ? { kind: 'text', sql: withDriverValues(item, given.inOrder, given.values) }
      : executableOf(item, given);
    if (executable === undefined || isAllOpen(executable)) return this.notSeen(item.span, 'sql');
    if (executable.kind === 'reads') return RESULT;
    if (executable.kind === 'rows') return this.notSeen(item.span, 'data');
    if (executable.kind === 'construct') this.emit([executable.sql], site);
    else {
      const place = asItIs ? { ...site, asItIs } : site;
      this.openParts(executable.sql, place);
      this.comments.push(...commentsOf(executable.sql, place));
      this.send(statementsIn(executable.sql, place), place);
    }
    return method === undefined ? NONE : RESULT;
  }

  private bulkInsert(call: CallValue, site: CallSite): Value | undefined {
    const bound = bind(call, ['table', 'rows']);
    const [table, rows] = [bound.get('table'), bound.get('rows')];
    const texts = table && rows && bulkInsert(table, rows);
    if (texts === undefined) return this.notSeen(call.span, 'data');
    this.emit(texts, site);
    return NONE;
  }

  /** `sa.Enum(…).create(bind)`, `table.create(bind)` and their drops. */
  private schemaItem(call: CallValue, site: CallSite): Value | undefined {
    const method = methodCallOf(call);
    const construct = method && constructOf(method.of);
    if (method === undefined || !/^(create|drop)(_all)?$/.test(method.name)) return this.function(call);
    const creates = method.name === 'create';
    const item = { value: method.of, span: call.calleeSpan };
    const texts = construct && schemaItemSql(construct.name, item, creates);
    if (texts === undefined) return isGivenAccess(call) ? this.notSeen(call.span, 'code') : undefined;
    // PostgreSQL's own ENUM looks first unless it is told not to, any other only when it is told.
    const checkFirst = bind(method, ['bind', 'checkfirst']).get('checkfirst');
    const looks = checkFirst === undefined ? construct?.name === 'ENUM' : isTrue(checkFirst.value) !== false;
    const { conditional } = site;
    const statements = texts.map((text) =>
      this.lowered(text, { ...site, conditional: conditional || looks }),
    );
    const isKnown = checkFirst === undefined || isTrue(checkFirst.value) !== undefined;
    this.send(statements, site, looks && isKnown && !conditional);
    return NONE;
  }

  private emit(texts: readonly MappedText[], site: CallSite): void {
    for (const text of texts) this.send([this.lowered(text, site)], site);
  }

  private lowered(text: MappedText, site: CallSite): Statement {
    this.placeholders(text, site);
    const { refused, fitting } = refusedNames(text);
    this.stops.push(...refused.map((each) => refusedStop(each, site)));
    return loweredStatement(fitting, site);
  }

  private send(statements: readonly Statement[], { span }: CallSite, checked = false): void {
    if (statements.length === 0) return;
    this.changes.push(...statements.map(({ parsed }) => !isDataStatement(parsed)));
    const query: Query = { span, statements, ...(checked && { checked }) };
    this.sent.push({ query, isOut: this.autocommit > 0 });
  }

  /** Says where a part of a statement is not known. */
  private placeholders(mapped: MappedText, site: CallSite): void {
    this.openParts(mapped, site);
    const { text, pieces } = mapped;
    const open = pieces.find(({ start, end, exact }) => !exact && /^\{_+\}$/.test(text.slice(start, end)));
    if (open === undefined) return;
    const { source } = this.unseenAt(open.origin, 'value');
    this.unseen.push({ span: placeWithin(site, open.origin), what: 'value', source });
  }

  /** A statement with a part that is open can be checked, and not be run. */
  private openParts({ text, pieces }: MappedText, site: CallSite): void {
    const open = pieces.find(({ start, end, exact }) => !exact && /\{_+\}/.test(text.slice(start, end)));
    if (open === undefined) return;
    const message = 'A part of this statement is known only when Python runs.';
    this.stops.push({ span: placeWithin(site, open.origin), message });
  }

  private notSeen(span: Span, what: UnseenKind): Value {
    this.changes.push(what !== 'data' && what !== 'dataLoop');
    this.unseen.push(this.unseenAt(span, what));
    return { kind: 'unknown', source: this.source.slice(span.start, span.end) };
  }

  private unseenAt(span: Span, what: UnseenKind): Unseen {
    return { span, what, source: this.source.slice(span.start, span.end) };
  }
}

/** Where a name that SQLAlchemy does not write stops the revision. */
function refusedStop({ name, span }: RefusedName, site: CallSite): Obstacle {
  return {
    span: span === undefined ? site.callee : placeWithin(site, span),
    message: `alembic refuses this name: it has ${[...name].length} characters, and SQLAlchemy writes no index or constraint with more than ${LONGEST_NAME}.`,
    refusedName: name,
  };
}

/** Where a parameter without a value stops the revision. */
function openStop(open: OpenParameter, item: Item, site: CallSite): Obstacle {
  const place = spanInDocument(open.text, open.span);
  const isHere = place !== undefined && site.span.start <= place.start && place.end <= site.span.end;
  return {
    span: isHere ? place : item.span,
    message: `Nothing gives the parameter :${open.name} a value; a colon that is none is written \\:.`,
    ...(open.certain && { openParameter: open.name }),
  };
}

/** The enums that a script has made, and how often somebody asked for one. */
class KnownEnums implements EnumsMade {
  asked = 0;
  private readonly names = new Set<string>();

  has(name: string): boolean {
    this.asked++;
    return this.names.has(name);
  }

  add(name: string): void {
    this.names.add(name);
  }

  all(): ReadonlySet<string> {
    return new Set(this.names);
  }
}

/**
 * What a directive emits for other arguments. Statements keep this beyond the version of the file that they were read in:
 * it holds nothing else of that.
 */
function lowering(
  directive: Directive,
  table: BatchTable | undefined,
  enums: ReadonlySet<string>,
): CalledDirective['lower'] {
  return (call) => directive.emit(boundTo(directive, call, table), new Set(enums)).map(({ text }) => text);
}

/** The place of a part of a call; what is written elsewhere counts as its callee. */
function placeWithin({ span, callee }: CallSite, origin: Span): Span {
  return span.start <= origin.start && origin.end <= span.end ? origin : callee;
}

/** Whether who is called could reach the database through an argument. */
function isGivenAccess({ args, keywords }: CallValue): boolean {
  return [...args, ...keywords].some(({ value }) => reaches(value));
}

/** Whether a statement changes rows, or reads them. */
function isDataStatement({ node }: ParsedStatement): boolean {
  return node !== undefined && /^(Insert|Update|Delete|Merge|Select)Stmt$/.test(kindOf(node));
}

/** What a connection gives for SQL: its rows are not known, may be read, and lead no way back to it. */
const RESULT: Value = { kind: 'external', path: 'sqlalchemy.CursorResult' };

const POSTGRESQL: Value = { kind: 'string', text: unmapped('postgresql'), certain: true };

/** The name behind `op.`, however `op` was imported. */
function directiveName(callee: Value): string | undefined {
  return callee.kind === 'external' ? /^alembic\.op\.(\w+)$/.exec(callee.path)?.[1] : undefined;
}

/** Whether a directive is given to a function that may call it: `map(op.drop_table, names)`, `getattr(op, name)`. */
function handsOn({ callee, args, keywords }: CallValue): boolean {
  if (callee.kind === 'external' && callee.path === 'builtins.getattr') {
    return args[0] !== undefined && reaches(args[0].value);
  }
  return [...args, ...keywords].some(({ value }) => {
    const name = directiveName(value);
    return name !== undefined && !/^(f|get_bind|get_context)$/.test(name);
  });
}

/** `context.execute(…)`, of alembic's own context. */
function isContextExecute({ callee }: CallValue): boolean {
  return callee.kind === 'external' && callee.path === 'alembic.context.execute';
}

/** Whether nothing of what is sent is known: `text(open(path).read())`. */
function isAllOpen(executable: NonNullable<Executable>): boolean {
  return 'sql' in executable && /^\s*\{_+\}\s*$/.test(executable.sql.text);
}

/** The call of `op.batch_alter_table(…)` that gave a value. */
function batchOf(value: Value): CallValue | undefined {
  return value.kind === 'call' && directiveName(value.callee) === 'batch_alter_table' ? value : undefined;
}

/** What `op.f` gives for a name. */
function namedByConvention(name: Value | undefined): Value | undefined {
  return name?.kind === 'string' && name.certain ? { ...name, text: conventionalName(name.text) } : name;
}

function batchTable(batch: CallValue): BatchTable {
  const bound = bind(batch, ['table_name', 'schema']);
  return { table: bound.get('table_name'), schema: bound.get('schema') };
}

function schemaItemSql(name: string, item: Item, creates: boolean): MappedText[] | undefined {
  const construct = constructOf(item.value);
  if (construct === undefined) return undefined;
  if (name === 'Enum' || name === 'ENUM') {
    const { enumeration } = typeOf(item);
    if (enumeration === undefined) return undefined;
    return [creates ? createEnum(enumeration) : sql`DROP TYPE ${enumeration.name}`];
  }
  const [table, , ...items] = construct.args;
  if (name !== 'Table' || table === undefined) return undefined;
  const options = bind(construct, ['name']);
  if (!creates) return [sql`DROP TABLE ${tableName(table, options.get('schema'))}`];
  return createTable(readTable(table, items, options), new Set());
}
