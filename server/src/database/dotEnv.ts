/**
 * Reads a `.env` file as godotenv v1.5.1 does, which goose uses: `NAME=value`, `NAME: value`, `export NAME=value`,
 * quotes, escapes in double quotes, and `$NAME` for what stands further up in the same file.
 * Like goose, which goes on without a file that it cannot read, gives nothing at all when a line is wrong.
 */
export function parseDotEnv(text: string): ReadonlyMap<string, string> {
  const variables = new Map<string, string>();
  let rest: string | undefined = statementStart(text.replaceAll('\r\n', '\n'));
  while (rest !== undefined) {
    const name = readName(rest);
    const value = name && readValue(name.rest, variables);
    if (!name || !value) return new Map();
    variables.set(name.name, value.value);
    rest = statementStart(value.rest);
  }
  return variables;
}

interface Read<T> {
  readonly name: string;
  readonly value: string;
  readonly rest: T;
}

/** Spaces as Go sees them on a line. */
const space = '[\\t\\v\\f\\r \\x85\\xa0]';
const leadingSpace = new RegExp(`^${space}+`);
const exported = new RegExp(`^export(?=${space})${space}*`);
const surroundingSpace = new RegExp(`^${space}+|${space}+$`, 'g');
const trailingComment = new RegExp(`^(.*${space})#`, 'su');

function statementStart(text: string): string | undefined {
  let rest = text.trimStart();
  while (rest.startsWith('#')) {
    const lineFeed = rest.indexOf('\n');
    if (lineFeed < 0) return undefined;
    rest = rest.slice(lineFeed).trimStart();
  }
  return rest === '' ? undefined : rest;
}

function readName(text: string): Omit<Read<string>, 'value'> | undefined {
  const declared = text.replace(leadingSpace, '').replace(exported, '');
  const name = /^[\p{L}\p{N}_.\t\v\f\r \x85\xa0]*(?=[=:])/u.exec(declared)?.[0];
  if (name === undefined) return undefined;
  return { name: name.trimEnd(), rest: declared.slice(name.length + 1).replace(leadingSpace, '') };
}

function readValue(
  text: string,
  variables: ReadonlyMap<string, string>,
): Omit<Read<string>, 'name'> | undefined {
  const quote = text[0];
  if (quote !== '"' && quote !== "'") return readBareValue(text, variables);
  let end = 1;
  while (end < text.length && (text[end] !== quote || text[end - 1] === '\\')) end++;
  if (end >= text.length) return undefined;
  const inner = text.slice(0, end).replace(new RegExp(`^${quote}+|${quote}+$`, 'g'), '');
  const value = quote === '"' ? expand(unescaped(inner), variables) : inner;
  return { value, rest: text.slice(end + 1) };
}

function readBareValue(
  text: string,
  variables: ReadonlyMap<string, string>,
): Omit<Read<string>, 'name'> | undefined {
  const lineEnd = text.search(/[\n\r]/);
  const line = lineEnd < 0 ? text : text.slice(0, lineEnd);
  const bare = (trailingComment.exec(line)?.[1] ?? line).replace(surroundingSpace, '');
  return { value: expand(bare, variables), rest: lineEnd < 0 ? '' : text.slice(lineEnd) };
}

function unescaped(text: string): string {
  return text
    .replace(/\\(.)/g, (match, c: string) => (c === 'n' ? '\n' : c === 'r' ? '\r' : match))
    .replace(/\\([^$])/g, '$1');
}

function expand(text: string, variables: ReadonlyMap<string, string>): string {
  return text.replace(
    /(\\)?(\$)(\()?\{?([A-Z0-9_]+)?\}?/g,
    (match, backslash?: string, _dollar?: string, parenthesis?: string, name?: string) => {
      if (backslash !== undefined || parenthesis !== undefined) return match.slice(1);
      return name === undefined ? match : (variables.get(name) ?? '');
    },
  );
}
