import { tokenize } from './lexer.ts';

/** SQL with its placeholders made into names and literals of the same length, so that all offsets hold. */
export interface Masked {
  readonly sql: string;
  /** Whether there was a template (`{{…}}`, `${X}`, `{x}`, `%(x)s`), whose text can be any piece of SQL; else only psql variables. */
  readonly template: boolean;
}

/** `${VAR}`, `{{ … }}`, `{% … %}`, `{name}`, `%(name)s`, `$VAR`: what no SQL can be, or only by accident. */
const TEMPLATE =
  /\$\{[^{}\n]*\}|\{\{[\s\S]*?\}\}|\{%[\s\S]*?%\}|\{[A-Za-z_][\w.]*\}|%\([A-Za-z_]\w*\)[sdf]|\$[A-Z_][A-Z0-9_]*(?![\w$])/g;

/** psql's `:name`, `:'name'`, `:"name"`: not a cast, not a slice (`a[1:n]`), not an assignment. */
const PSQL_VARIABLE = /(?<![\w:\])])(:)([A-Za-z_]\w*|'[A-Za-z_]\w*'|"[A-Za-z_]\w*")/g;

/**
 * Masks what can be a placeholder outside strings and quoted names; undefined when there is none. Meant for text that
 * the parser has rejected as it stands.
 */
export function maskPlaceholders(text: string): Masked | undefined {
  if (!/[:{%$]/.test(text)) return undefined;
  let template = false;
  const untemplated = replaceOutsideQuotes(text, TEMPLATE, (found) => {
    template = true;
    return '_'.repeat(found.length);
  });
  const sql = replaceOutsideQuotes(untemplated, PSQL_VARIABLE, maskVariable);
  return sql === text ? undefined : { sql, template };
}

/** Whether a name stands for one that is not known: a template's, masked. */
export function isPlaceholder(name: string): boolean {
  return /^_+$/.test(name);
}

function maskVariable(found: string): string {
  const quote = found[1];
  return quote === "'" || quote === '"' ? `${quote}_${found.slice(2)}` : `_${found.slice(1)}`;
}

/** Replaces matches of `pattern` that do not start inside a string or quoted name, by texts of their own length. */
function replaceOutsideQuotes(text: string, pattern: RegExp, mask: (found: string) => string): string {
  if (text.search(pattern) < 0) return text;
  const quoted = tokenize(text).filter((token) => token.kind === 'string' || token.kind === 'quotedName');
  let next = 0;
  return text.replace(pattern, (found: string, ...rest: unknown[]) => {
    const at = rest.find((value) => typeof value === 'number') ?? 0;
    for (; ; next++) {
      const token = quoted[next];
      if (token === undefined || token.start >= at) return mask(found);
      if (token.end > at) return found;
    }
  });
}
