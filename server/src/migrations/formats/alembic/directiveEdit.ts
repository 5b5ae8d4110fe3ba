import { isAtLeast } from '../../../config/alembicVersion.ts';
import { type CallValue, type Item, isTrue, type KeywordArgument, truth } from '../../../python/value.ts';
import type { Span } from '../../../sql/span.ts';
import type { Edit } from '../../edits.ts';
import { indentationOf } from '../../textLines.ts';
import { constructOf } from './arguments.ts';
import type { CalledDirective } from './loweredStatement.ts';
import { distance } from './sameSql.ts';

/** A change of a directive's arguments: in the document, and what becomes of the call. */
export interface DirectiveEdit {
  readonly edits: readonly Edit[];
  readonly apply: (call: CallValue) => CallValue;
}

/** The switches that directives know, each with the first release of alembic that knows it there. */
const SWITCHES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  create_index: { postgresql_concurrently: '0', if_not_exists: '1.12.0' },
  drop_index: { postgresql_concurrently: '0', if_exists: '1.12.0' },
  create_foreign_key: { postgresql_not_valid: '0' },
  create_check_constraint: { postgresql_not_valid: '0' },
  create_table: { if_not_exists: '1.13.3' },
  drop_table: { if_exists: '1.13.3' },
  add_column: { if_not_exists: '1.16.0' },
  drop_column: { if_exists: '1.16.0' },
  drop_constraint: { if_exists: '1.16.0' },
};

/**
 * The smallest change of a directive's arguments after which it emits just `wanted`: switches on or off, keywords left
 * out, a column that allows NULL. `release` is the alembic that runs it. Undefined where none does.
 */
export function directiveSaying(
  document: string,
  { name, call, lower }: CalledDirective,
  wanted: readonly string[],
  release: string | undefined,
): DirectiveEdit | undefined {
  const single = [
    ...switches(document, name, call, release),
    ...ofKeywords(document, call),
    ...ofColumns(document, call),
    ...ofTypes(document, call),
  ];
  const left = (edit: DirectiveEdit) => distance(lower(edit.apply(call)), wanted);
  const whole = distance(lower(call), wanted);
  // Of two changes that are both needed each brings it nearer.
  const nearer: DirectiveEdit[] = [];
  for (const edit of single) {
    const rest = left(edit);
    if (rest === 0) return edit;
    if (rest < whole) nearer.push(edit);
  }
  for (const [i, first] of nearer.entries()) {
    for (const second of nearer.slice(i + 1)) {
      const both: DirectiveEdit = {
        edits: [...first.edits, ...second.edits],
        apply: (other) => second.apply(first.apply(other)),
      };
      if (left(both) === 0) return both;
    }
  }
  return undefined;
}

function switches(
  document: string,
  directive: string,
  call: CallValue,
  release: string | undefined,
): readonly DirectiveEdit[] {
  const known = Object.hasOwn(SWITCHES, directive) ? (SWITCHES[directive] ?? {}) : {};
  return Object.entries(known).flatMap(([name, since]): DirectiveEdit[] => {
    const given = call.keywords.find((each) => each.name === name);
    if (!isAtLeast(release, since) || (given !== undefined && isTrue(given.value) === true)) return [];
    const text = `${name}=True`;
    const edit = given === undefined ? withArgument(document, call, text) : { span: given.whole, text };
    return [{ edits: [edit], apply: (other) => withKeyword(other, name) }];
  });
}

function ofKeywords(document: string, call: CallValue): readonly DirectiveEdit[] {
  return written(call).map(({ name, whole }) => ({
    edits: [withoutArgument(document, whole)],
    apply: (other) => withoutKeyword(other, name),
  }));
}

/** Columns among the arguments: allowing NULL, or without one of their keywords. */
function ofColumns(document: string, call: CallValue): readonly DirectiveEdit[] {
  return [...call.args, ...call.keywords].flatMap(({ value: column }) => {
    if (column.kind !== 'call' || constructOf(column)?.name !== 'Column') return [];
    const within =
      (change: (column: CallValue) => CallValue) =>
      (other: CallValue): CallValue => {
        const replaced = <T extends Item>(item: T): T =>
          item.value.kind === 'call' && item.value.span.start === column.span.start
            ? { ...item, value: change(item.value) }
            : item;
        return { ...other, args: other.args.map(replaced), keywords: other.keywords.map(replaced) };
      };
    return written(column).flatMap(({ name, whole }): DirectiveEdit[] => [
      ...(name === 'nullable'
        ? [
            {
              edits: [{ span: whole, text: 'nullable=True' }],
              apply: within((other) => withKeyword(other, name)),
            },
          ]
        : []),
      {
        edits: [withoutArgument(document, whole)],
        apply: within((other) => withoutKeyword(other, name)),
      },
    ]);
  });
}

/** Types that rules ask for, as SQLAlchemy has them. */
const TYPES: readonly { readonly name: string; readonly keyword?: string }[] = [
  { name: 'BigInteger' },
  { name: 'Text' },
  { name: 'DateTime', keyword: 'timezone' },
];

/** Columns, and `type_`, with another type. It is written as its neighbour is, `sa.Text()`: a bare name may not be imported. */
function ofTypes(document: string, call: CallValue): readonly DirectiveEdit[] {
  const own = call.keywords.filter(({ name }) => name === 'type_');
  const columns = [...call.args, ...call.keywords].flatMap(({ value }) =>
    value.kind === 'call' && constructOf(value)?.name === 'Column' ? value.args.slice(1) : [],
  );
  return [...own, ...columns].flatMap((item) => {
    const { start, end } = item.span;
    const [, module] = /^(\w+)\.\w+(?:\(|$)/.exec(document.slice(start, end)) ?? [];
    if (module === undefined || !constructOf(item.value)?.path.startsWith('sqlalchemy.')) return [];
    return TYPES.map(({ name, keyword }): DirectiveEdit => {
      const value = typeCalled(name, keyword, item.span);
      const within = <T extends Item>(each: T): T => {
        if (each.span.start === start && each.span.end === end) return { ...each, value };
        if (each.value.kind !== 'call' || constructOf(each.value)?.name !== 'Column') return each;
        return { ...each, value: { ...each.value, args: each.value.args.map(within) } };
      };
      return {
        edits: [
          { span: item.span, text: `${module}.${name}(${keyword === undefined ? '' : `${keyword}=True`})` },
        ],
        apply: (other) => ({
          ...other,
          args: other.args.map(within),
          keywords: other.keywords.map(within),
        }),
      };
    });
  });
}

function typeCalled(name: string, keyword: string | undefined, span: Span): CallValue {
  const on = keyword === undefined ? [] : [{ name: keyword, value: truth(true), span, whole: span }];
  const callee = { kind: 'external', path: `sqlalchemy.${name}` } as const;
  return { kind: 'call', callee, args: [], keywords: on, complete: true, span, calleeSpan: span };
}

/** The keywords that stand in the call, not in a dictionary that is unpacked there. */
function written({ keywords, span }: CallValue): readonly KeywordArgument[] {
  return keywords.filter(
    ({ whole, span: value }) =>
      whole.start < value.start && span.start <= whole.start && whole.end <= span.end,
  );
}

function withKeyword(call: CallValue, name: string): CallValue {
  const none: Span = { start: call.span.end, end: call.span.end };
  const on: KeywordArgument = { name, value: truth(true), span: none, whole: none };
  return { ...call, keywords: [...call.keywords.filter((each) => each.name !== name), on] };
}

function withoutKeyword(call: CallValue, name: string): CallValue {
  return { ...call, keywords: call.keywords.filter((each) => each.name !== name) };
}

/** One more argument at the end of a call, on a line of its own where the others have such. */
function withArgument(document: string, { span: call, args, keywords }: CallValue, text: string): Edit {
  const close = call.end - 1;
  const last = document.slice(call.start, close).trimEnd();
  const end = call.start + last.length;
  const places = [...args.map(({ span }) => span.start), ...keywords.map(({ whole }) => whole.start)];
  const begin = Math.max(call.start, ...places.filter((place) => place < end));
  const lines = document.slice(end, close).includes('\n');
  if (last.endsWith('(')) return { span: { start: end, end }, text };
  const trailing = last.endsWith(',');
  const separator = lines ? `\n${indentationOf(document, begin)}` : ' ';
  const before = trailing ? '' : ',';
  return { span: { start: end, end }, text: `${before}${separator}${text}${trailing ? ',' : ''}` };
}

/** An argument taken out, with the comma that parts it from its neighbour. */
function withoutArgument(document: string, { start, end }: Span): Edit {
  const after = /^\s*,[ \t]*/.exec(document.slice(end))?.[0];
  const upTo = document.slice(0, start).trimEnd();
  const comma = upTo.endsWith(',') ? upTo.length - 1 : upTo.length;
  const closes = /^\s*,?\s*\)/.test(document.slice(end));
  if (after === undefined || closes) return { span: { start: comma, end }, text: '' };
  const line = document.slice(document.lastIndexOf('\n', start - 1) + 1, start);
  const newline = /^\r?\n/.exec(document.slice(end + after.length))?.[0] ?? '';
  const alone = line.trim() === '' && newline !== '';
  return alone
    ? { span: { start: start - line.length, end: end + after.length + newline.length }, text: '' }
    : { span: { start, end: end + after.length }, text: '' };
}
