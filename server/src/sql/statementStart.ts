import { parseStatement } from './parser.ts';
import { endOfWord, skipBlank, startsWord } from './scanner.ts';

/** What statements begin with, but for what begins a PL/pgSQL statement and hardly ever one in a migration. */
const STARTERS = new Set(
  `alter analyze begin call checkpoint cluster comment commit copy create deallocate delete discard do drop explain grant
   import insert listen load lock merge notify prepare reassign refresh reindex release reset revoke rollback savepoint
   security select set show start table truncate unlisten update vacuum values with`.split(/\s+/),
);

/** Whether what follows `at` looks like a statement, or like a psql command; the text's end will do too. */
export function canBeginAfter(text: string, at: number): boolean {
  const next = skipBlank(text, at);
  if (next === text.length || text[next] === '\\' || text[next] === '(') return true;
  return (
    startsWord(text.charCodeAt(next)) && STARTERS.has(text.slice(next, endOfWord(text, next)).toLowerCase())
  );
}

/** How many characters stand before `at` in its line; -1 when they are not all white space. */
export function indentationAt(text: string, at: number): number {
  let start = at;
  while (start > 0 && (text[start - 1] === ' ' || text[start - 1] === '\t')) start--;
  return start === 0 || text[start - 1] === '\n' || text[start - 1] === '\r' ? at - start : -1;
}

const OBJECT =
  `(?:table|index|type|function|procedure|routine|aggregate|view|materialized|sequence|schema|extension|trigger|
 event|policy|rule|domain|role|user|group|database|default\\s+privileges|foreign|server|publication|subscription|operator|
 language|collation|conversion|statistics|text|tablespace|system|large|owned|cast|access|column|constraint)\\b`.replace(
    /\s/g,
    '',
  );

/** Lines that begin a statement wherever they stand outside a body. */
const DEFINITION = new RegExp(
  String.raw`(?:create\s|(?:drop|alter)\s+(?!column|constraint)${OBJECT}|comment\s+on\s+${OBJECT}|grant\s|revoke\s|truncate\s|` +
    String.raw`reindex\s|vacuum\b|refresh\s+materialized|lock\s+table|cluster\b|do\s*[$']|security\s+label|import\s+foreign|` +
    String.raw`copy\s|call\s|analyze\b|explain\s|reset\s|savepoint\s|notify\s|prepare\s+\w+\s+as\b|set\s+(?:local|session)\s|begin\s*;|commit\b|rollback\b|start\s+transaction)`,
  'iy',
);

/** Lines that begin a statement, or carry one on: what stands before decides. */
const QUERY = /(insert\s+into|delete\s+from|update|merge\s+into|select|with|values|set)\b/iy;

/** After one of these a data-changing statement belongs to the statement before it. */
const TAKES_CHANGE = new Set(
  'as do also instead for on or of before after explain analyze verbose ('.split(' '),
);
/** … and after one of these a query does. */
const TAKES_QUERY = new Set([
  ...TAKES_CHANGE,
  ...'union all except intersect distinct in exists any some array from returning into , ='.split(' '),
]);

/** Statements that hold no query of their own, so that one at a line's start is the next statement. */
const HOLDS_NO_QUERY = new Set(
  'alter drop comment grant revoke truncate delete update set begin commit select'.split(' '),
);
/** … and those that hold no SET. */
const HOLDS_NO_SET = new Set('drop comment grant revoke truncate delete select set begin commit'.split(' '));

/**
 * Whether the line that begins at `line` begins a statement, when the broken statement before it begins at `start`.
 * `afterBlank`: the line above is blank or a comment.
 */
export function beginsStatement(text: string, start: number, line: number, afterBlank: boolean): boolean {
  let at = line;
  while (text[at] === ' ' || text[at] === '\t') at++;
  if (at - line > 3 && at - line !== indentationAt(text, start)) return false;
  DEFINITION.lastIndex = at;
  if (DEFINITION.test(text)) return true;
  QUERY.lastIndex = at;
  const word = QUERY.exec(text)?.[1]?.toLowerCase();
  if (word === undefined) return false;
  return followsOn(text, start, line, word, afterBlank) || readsWhole(text, start, line);
}

/** Whether a query that begins with `word` is more likely the next statement than a part of the one before it. */
function followsOn(text: string, start: number, line: number, word: string, afterBlank: boolean): boolean {
  const before = text.slice(Math.max(start, line - 200), line).replace(/--.*\s*$/, '');
  const last = /(\w+|\S)\s*$/.exec(before)?.[1]?.toLowerCase() ?? '';
  const first = text.slice(start, endOfWord(text, start)).toLowerCase();
  const changes = /^(insert|delete|update|merge)/.test(word);
  if ((changes ? TAKES_CHANGE : TAKES_QUERY).has(last)) return false;
  // The last part of WITH x AS (…), or INSERT INTO t (…) SELECT; where the first word is misspelt, who knows.
  const withList = HOLDS_NO_QUERY.has(first) || first === 'create' || (changes && first === 'insert');
  if (last === ')' && !withList) return false;
  if (afterBlank) return true;
  return word === 'set' ? HOLDS_NO_SET.has(first) : changes || HOLDS_NO_QUERY.has(first);
}

/** Whether all that stands before the line is a statement in itself: then nothing but its semicolon is missing. */
function readsWhole(text: string, start: number, line: number): boolean {
  if (line - start > LONGEST_HEAD) return false;
  const head = parseStatement(text.slice(start, line).trimEnd());
  return head.node !== undefined;
}

const LONGEST_HEAD = 10_000;
