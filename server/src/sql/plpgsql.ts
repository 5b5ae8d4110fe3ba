import { formatted } from './formatCall.ts';
import { type Token, tokenize } from './lexer.ts';
import { readString } from './stringLiteral.ts';

/** An SQL statement that a PL/pgSQL block runs. */
export interface EmbeddedStatement {
  /** As the server gets it: without PL/pgSQL's INTO clause (blanked out), PERFORM and expressions as SELECT. */
  readonly text: string;
  /** Offset in `text` to offset in the body, in UTF-16 code units. */
  toBody(offset: number): number;
  /** Under IF, CASE, LOOP, in an EXCEPTION-guarded block or in a handler. */
  readonly conditional: boolean;
  /** Under IF or CASE, or in a handler: a run may pass it by. Of a loop at least one turn is reckoned with. */
  readonly avoidable: boolean;
}

export interface PlpgsqlBody {
  readonly statements: readonly EmbeddedStatement[];
  /** Whether it executes a string that is not a constant. */
  readonly runsUnknownCode: boolean;
}

/**
 * The SQL statements in the body of a PL/pgSQL block, in order, and the expressions with a query in them. What it cannot follow it
 * leaves out; never throws.
 */
export function readPlpgsql(body: string): PlpgsqlBody {
  const walk = new BlockWalk(body);
  walk.run();
  return { statements: walk.statements, runsUnknownCode: walk.runsUnknownCode };
}

/** An open block or control structure. */
interface Level {
  /** A block is guarded when it turns out to have an EXCEPTION part: then all in it may have been undone. */
  readonly kind: 'block' | 'branch' | 'loop';
  /** Where in the list of statements its own begin. */
  readonly first: number;
}

/** Statements of PL/pgSQL itself, which run no SQL of their own that could change anything. */
const SILENT = new Set('null raise assert exit continue get fetch move close'.split(' '));
const HEADERS_TO_THEN = new Set(['if', 'elsif', 'elseif', 'when']);
const HEADERS_TO_LOOP = new Set(['loop', 'while', 'for', 'foreach']);
const QUERIES = new Set(['select', 'with', 'insert', 'update', 'delete', 'merge', 'values']);

class BlockWalk {
  readonly #body: string;
  readonly #tokens: readonly Token[];
  #at = 0;
  #levels: Level[] = [];
  statements: EmbeddedStatement[] = [];
  runsUnknownCode = false;

  constructor(body: string) {
    this.#body = body;
    this.#tokens = tokenize(body);
  }

  run(): void {
    this.#skipTo((token) => token.value === 'declare' || token.value === 'begin' || token.value === '<<');
    while (this.#at < this.#tokens.length) this.#step();
  }

  /** One statement, or the head or tail of one that holds others. */
  #step(): void {
    const word = this.#word(this.#at);
    if (this.#tokens[this.#at]?.value === '<<') this.#skipPast((token) => token.value === '>>');
    else if (word === 'declare') this.#declarations();
    else if (word === 'begin') this.#open('block');
    else if (word === 'end') this.#close();
    else if (word === 'exception') this.#guard();
    else if (word === 'else') this.#at++;
    else if (word === 'case') this.#case();
    else if (HEADERS_TO_THEN.has(word)) {
      const start = this.#at++;
      this.#skipHeader('then');
      this.#expression(start + 1, this.#at - 1);
      if (word === 'if') this.#levels.push({ kind: 'branch', first: this.statements.length });
    } else if (HEADERS_TO_LOOP.has(word)) this.#loop();
    else this.#simple(word);
  }

  #word(index: number): string {
    const token = this.#tokens[index];
    return token?.kind === 'word' ? token.value : '';
  }

  #skipTo(found: (token: Token) => boolean): void {
    while (this.#at < this.#tokens.length) {
      const token = this.#tokens[this.#at];
      if (token !== undefined && found(token)) return;
      this.#at++;
    }
  }

  #skipPast(found: (token: Token) => boolean): void {
    this.#skipTo(found);
    this.#at++;
  }

  #declarations(): void {
    this.#at++;
    while (this.#at < this.#tokens.length && this.#word(this.#at) !== 'begin') {
      const start = this.#at;
      this.#skipPast(isSemicolon);
      const assigned = this.#find(start, this.#at, ({ value }) => ASSIGNS.has(value) || value === 'cursor');
      // A cursor's query runs where it is opened.
      if (assigned !== undefined && this.#word(assigned) !== 'cursor')
        this.#expression(assigned + 1, this.#at - 1);
    }
  }

  /** The selector is looked at in any case, what follows WHEN not. */
  #case(): void {
    const start = this.#at++;
    this.#skipHeader('when');
    this.#at--;
    this.#expression(start + 1, this.#at);
    this.#levels.push({ kind: 'branch', first: this.statements.length });
  }

  #open(kind: Level['kind']): void {
    this.#levels.push({ kind, first: this.statements.length });
    this.#at++;
  }

  #close(): void {
    this.#levels.pop();
    this.#skipPast(isSemicolon);
  }

  /** EXCEPTION: all the block's statements so far, and those of its handlers, are uncertain. */
  #guard(): void {
    const block = this.#levels.pop();
    const first = block?.first ?? 0;
    this.statements = this.statements.map((statement, index) =>
      index < first ? statement : { ...statement, conditional: true },
    );
    this.#levels.push({ kind: 'branch', first });
    this.#at++;
  }

  /** Past `word`, where it is not inside parentheses or a CASE expression. Stops before a semicolon. */
  #skipHeader(word: string): void {
    let depth = 0;
    for (let index = this.#at; index < this.#tokens.length; index++) {
      const value = this.#tokens[index]?.value;
      const here = this.#word(index);
      if (value === '(' || value === '[' || here === 'case') depth++;
      else if (value === ')' || value === ']' || here === 'end') depth--;
      else if (depth === 0 && (here === word || value === ';')) {
        this.#at = index + 1;
        return;
      }
    }
    this.#at = this.#tokens.length;
  }

  /** `FOR r IN <query> LOOP` runs its query; what is in the loop runs any number of times. */
  #loop(): void {
    const start = this.#at;
    this.#skipHeader('loop');
    const end = this.#at - 1;
    const source = this.#find(start, end, (token) => token.kind === 'word' && token.value === 'in');
    if (this.#word(start) === 'while') this.#expression(start + 1, end);
    else if (source !== undefined) this.#source(source + 1, end);
    this.#levels.push({ kind: 'loop', first: this.statements.length });
  }

  /** After IN of a loop: a query, an array, or two bounds. */
  #source(start: number, end: number): void {
    const bounds = this.#find(start, end, (token) => token.value === '..');
    if (this.#word(start) === 'array') this.#expression(start + 1, end);
    else if (bounds === undefined) this.#query(start, end);
    else {
      this.#expression(this.#word(start) === 'reverse' ? start + 1 : start, bounds);
      this.#expression(bounds + 1, end);
    }
  }

  /** A query as it stands, or EXECUTE of one; the name of a cursor is neither. */
  #query(start: number, end: number): void {
    if (this.#word(start) === 'execute') this.#execute(start, end);
    else if (QUERIES.has(this.#word(start)) || this.#tokens[start]?.value === '(') this.#embed(start, end);
  }

  #return(start: number, end: number): void {
    if (this.#word(start + 1) === 'query') this.#query(start + 2, end);
    else this.#expression(start + 1, end);
  }

  /** `OPEN cursor FOR <query>`. */
  #openCursor(start: number, end: number): void {
    const source = this.#find(start, end, (token) => token.kind === 'word' && token.value === 'for');
    if (source !== undefined) this.#query(source + 1, end);
  }

  #find(start: number, end: number, which: (token: Token) => boolean): number | undefined {
    const found = this.#tokens.slice(start, end).findIndex(which);
    return found < 0 ? undefined : start + found;
  }

  #simple(word: string): void {
    const start = this.#at;
    this.#skipTo(isSemicolon);
    const end = this.#at++;
    if (end === start || SILENT.has(word)) return;
    const assigned = this.#endOfTarget(start);
    if (assigned !== undefined) this.#expression(assigned, end);
    else if (word === 'return') this.#return(start, end);
    else if (word === 'open') this.#openCursor(start, end);
    else if (word === 'execute') this.#execute(start, end);
    else if (word !== '') this.#embed(start, end);
  }

  /** Of `x := …`, `x = …` or `r.f[1] := …` where the value begins; undefined of anything else. */
  #endOfTarget(start: number): number | undefined {
    let index = start + 1;
    for (; ; index++) {
      const value = this.#tokens[index]?.value;
      if (value === '.') index++;
      else if (value === '[')
        while (index < this.#tokens.length && this.#tokens[index]?.value !== ']') index++;
      else return value === ':=' || value === '=' ? index + 1 : undefined;
    }
  }

  /** `EXECUTE 'constant' [INTO …] [USING …]` runs what the constant says; anything else cannot be known. */
  #execute(start: number, end: number): void {
    const after = this.#find(
      start,
      end,
      ({ kind, value }) => kind === 'word' && (value === 'into' || value === 'using'),
    );
    const command = this.#tokens.slice(start + 1, after ?? end);
    const [token] = command;
    const string =
      command.length === 1 && token?.kind === 'string'
        ? readString(this.#body, token)
        : formatted(this.#body, command);
    if (string === undefined) {
      this.runsUnknownCode = true;
      return;
    }
    this.#add(string.value, (offset) => string.toOuter(offset));
  }

  /** An expression runs as SELECT of it; one without a query in it reads no table. */
  #expression(start: number, end: number): void {
    if (this.#find(start, end, ({ kind, value }) => kind === 'word' && value === 'select') === undefined)
      return;
    const from = this.#tokens[start]?.start ?? 0;
    const text = `SELECT ${this.#body.slice(from, this.#tokens[end - 1]?.end)}`;
    this.#add(text, (offset) => from + Math.max(0, offset - 'SELECT '.length));
  }

  #embed(start: number, end: number): void {
    const from = this.#tokens[start]?.start ?? 0;
    const to = this.#tokens[end - 1]?.end ?? from;
    let text = this.#body.slice(from, to);
    if (this.#word(start) === 'perform') text = `SELECT ${text.slice('perform'.length)}`;
    const into = this.#intoClause(start, end);
    if (into !== undefined) {
      text =
        text.slice(0, into.start - from) + ' '.repeat(into.end - into.start) + text.slice(into.end - from);
    }
    this.#add(text, (offset) => from + offset);
  }

  #add(text: string, toBody: (offset: number) => number): void {
    const conditional = this.#levels.some((level) => level.kind !== 'block');
    const avoidable = this.#levels.some((level) => level.kind === 'branch');
    this.statements.push({ text, toBody, conditional, avoidable });
  }

  /** `INTO [STRICT] target, …` of a query: PL/pgSQL's variables, where SQL would read a new table's name. */
  #intoClause(start: number, end: number): { readonly start: number; readonly end: number } | undefined {
    if (!QUERIES.has(this.#word(start))) return undefined;
    let depth = 0;
    for (let index = start + 1; index < end; index++) {
      const value = this.#tokens[index]?.value;
      if (value === '(') depth++;
      else if (value === ')') depth--;
      if (depth > 0 || this.#word(index) !== 'into') continue;
      if (this.#word(index - 1) === 'insert' || this.#word(index - 1) === 'merge') continue;
      return { start: this.#tokens[index]?.start ?? 0, end: this.#endOfTargets(index + 1, end) };
    }
    return undefined;
  }

  #endOfTargets(start: number, end: number): number {
    let index = this.#word(start) === 'strict' ? start + 1 : start;
    while (index + 1 < end) {
      const next = this.#tokens[index + 1]?.value;
      if (next === '.' || next === ',') index += 2;
      else if (next === '[') while (index + 1 < end && this.#tokens[++index]?.value !== ']');
      else break;
    }
    return this.#tokens[Math.min(index, end - 1)]?.end ?? 0;
  }
}

/** What stands before the first value of a declared variable. */
const ASSIGNS: ReadonlySet<string> = new Set([':=', '=', 'default']);

function isSemicolon(token: Token): boolean {
  return token.value === ';' && token.kind === 'punctuation';
}
