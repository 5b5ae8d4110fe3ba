import type { PythonModule } from '../../../python/syntax.ts';
import type { MigrationFile } from '../../migration.ts';
import { lineStart } from '../../textLines.ts';

/** What a new revision's file says. */
export interface RevisionText {
  readonly message: string;
  readonly id: string;
  readonly parents: readonly string[];
  readonly createDate: string;
  /** The bodies of its functions: lines without the indentation of the body, a string of several lines in one; none where it does nothing. */
  readonly upgrade: readonly string[];
  readonly downgrade: readonly string[];
}

/**
 * A revision made from a project's script.py.mako, as alembic fills it in. Undefined where the template has more to it
 * than alembic's own expressions (Mako: control lines, blocks, other expressions).
 */
export function fromTemplate(template: string, revision: RevisionText): string | undefined {
  const lines = template
    .replace(/\r\n/g, '\n')
    .split('\n')
    .filter((line) => !/^\s*##/.test(line));
  if (lines.some((line) => /^\s*%(?!%)|<%|<\/%|\\$/.test(line))) return undefined;
  const names = templateNames(revision);
  const filled: string[] = [];
  for (const line of lines) {
    const [, indentation = '', alone] = /^(\s*)\$\{([^}]*)\}\s*$/.exec(line) ?? [];
    if (alone !== undefined) {
      const value = filledIn(alone.trim(), names);
      if (value === undefined) return undefined;
      filled.push(...(value.length === 0 ? [''] : value.map((each) => indentation + each)));
      continue;
    }
    // Every other part is an expression.
    const parts = line.split(/\$\{([^}]*)\}/).map((part, i) => {
      return i % 2 === 0 ? part : filledIn(part.trim(), names)?.join(' ');
    });
    if (parts.includes(undefined)) return undefined;
    filled.push(parts.join(''));
  }
  return filled.map((line) => (line.trim() === '' ? '' : line)).join('\n');
}

type TemplateNames = Readonly<Record<string, { readonly lines: readonly string[]; readonly repr: string }>>;

function templateNames({
  message,
  id,
  parents,
  createDate,
  upgrade,
  downgrade,
}: RevisionText): TemplateNames {
  const plain = (text: string) => ({ lines: [text], repr: `'${text}'` });
  const [parent] = parents;
  const none = { lines: [], repr: 'None' };
  return {
    message: plain(message),
    up_revision: plain(id),
    create_date: plain(createDate),
    down_revision: {
      lines: [parents.join(', ')],
      repr:
        parents.length > 1
          ? `(${parents.map((each) => `'${each}'`).join(', ')})`
          : parent === undefined
            ? 'None'
            : `'${parent}'`,
    },
    branch_labels: none,
    depends_on: none,
    imports: none,
    upgrades: { lines: upgrade, repr: '' },
    downgrades: { lines: downgrade, repr: '' },
  };
}

/** The lines that an expression of alembic's templates comes to. */
function filledIn(expression: string, names: TemplateNames): readonly string[] | undefined {
  const [, represented] = /^repr\((\w+)\)$/.exec(expression) ?? [];
  if (represented !== undefined) {
    const known = Object.hasOwn(names, represented) ? names[represented] : undefined;
    return known && [known.repr];
  }
  const [, name = '', condition, otherwise = ''] =
    /^(\w+)(?:\s+if\s+(\w+)\s+else\s+["']([^"']*)["'])?(?:\s*\|\s*(?:comma|n|comma\s*,\s*n))?$/.exec(
      expression,
    ) ?? [];
  const known = Object.hasOwn(names, name) ? names[name] : undefined;
  if (known === undefined || (condition !== undefined && condition !== name)) return undefined;
  return known.lines.length === 0 && condition !== undefined ? [otherwise] : known.lines;
}

/** A revision written as its neighbour is: the same imports, the same way to declare ids, the same indentation. */
export function likeNeighbour(
  neighbour: MigrationFile,
  module: PythonModule,
  quote: '"' | "'",
  indentation: string,
  { message, id, parents, createDate, upgrade, downgrade }: RevisionText,
): string {
  const { text, revisionSpans = {} } = neighbour;
  const string = (value: string) => quote + value + quote;
  const declared = (name: string, span: { readonly start: number } | undefined, value: string) => {
    const before = span === undefined ? '' : text.slice(lineStart(text, span.start), span.start);
    return `${new RegExp(`^${name}\\b[^"'(]*=\\s*$`).test(before) ? before.trimEnd() : `${name} =`} ${value}`;
  };
  const list =
    parents.length > 1
      ? `(${parents.map(string).join(', ')})`
      : parents.length === 0
        ? 'None'
        : string(parents.join());
  const { id: ownId, downRevisions, branchLabels, dependsOn } = revisionSpans;
  const body = (lines: readonly string[]) =>
    (lines.length === 0 ? ['pass'] : lines).map((line) => indentation + line);
  return [
    `"""${message}`,
    '',
    `Revision ID: ${id}`,
    `Revises: ${parents.join(', ')}`.trimEnd(),
    `Create Date: ${createDate}`,
    '"""',
    ...imports(module),
    declared('revision', ownId, string(id)),
    declared('down_revision', downRevisions, list),
    declared('branch_labels', branchLabels, 'None'),
    declared('depends_on', dependsOn, 'None'),
    '',
    '',
    'def upgrade() -> None:',
    ...body(upgrade),
    '',
    '',
    'def downgrade() -> None:',
    ...body(downgrade),
    '',
  ].join('\n');
}

/** The neighbour's imports of what every revision needs; its own code it keeps to itself. */
function imports({ body, text }: PythonModule): readonly string[] {
  const common = body.flatMap((each) => {
    const all = each.kind === 'import' && each.names.every(({ path }) => COMMON.test(path));
    return all ? [text.slice(each.span.start, each.span.end)] : [];
  });
  return common.length === 0 ? [] : ['', ...common, ''];
}

const COMMON = /^(?:__future__|typing|collections|alembic|sqlalchemy)(?:\.|$)/;
