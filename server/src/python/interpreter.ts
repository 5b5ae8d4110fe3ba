import type { Span } from '../sql/span.ts';
import { Evaluator, type ExternalNames } from './evaluator.ts';
import { Scope } from './scope.ts';
import type { Expression, FunctionDefinition, PythonModule, PythonStatement } from './syntax.ts';
import {
  type CallArguments,
  type CallValue,
  type FunctionValue,
  type Item,
  isTrue,
  NONE,
  type UnknownValue,
  type Value,
} from './value.ts';

/** Who knows what things from outside the file mean, and is told what the file does with them. */
export interface Outside {
  /** Something from outside is called. Gives what the call is worth; undefined: it stays a symbol. */
  called(call: CallValue, circumstances: Circumstances): Value | undefined;
  /** What an attribute of something from outside is worth, where that is known. */
  attribute(of: Value, name: string): Value | undefined;
  /** `with item as …:` is entered. Gives what it binds, and what to do at its end. */
  entered(item: Item): { readonly value: Value; readonly leave?: () => void };
  /** An expression stands as a statement. It is gone through when `run` is called, or not where what it does is known. Absent: always. */
  statement?(statement: StatementToRun): void;
  /** A call of something from outside stands as a statement, and is worth nothing known. */
  discarded(call: CallValue): void;
  /** How often or with what a stretch that does something runs is not known; it was gone through once. `since` is how much had been done before. */
  guessed(head: Span, since: number): void;
  /** The run ends here before its end: an exception is raised, or there is more than can be gone through. */
  stopped(at: Span): void;
  /** How much has been done so far. */
  readonly done: number;
}

/** What is known about whether something runs. */
export interface Circumstances {
  /** True where it may not run: under a condition that is not known, in a handler, in a loop over what is not known. */
  readonly conditional: boolean;
  /** True where it may run again and again: in a loop over what is not known. */
  readonly repeated: boolean;
}

/** A statement whose turn it is. */
export interface StatementToRun extends Circumstances {
  readonly span: Span;
  /** Goes through it. Gives the names it looked up, where it hangs on nothing else and makes nothing in the file; else undefined. */
  run(): ExternalNames | undefined;
  /** Whether names mean here what they meant there. */
  meansTheSame(names: ExternalNames): boolean;
}

/** How a run of statements ends, `maybe` where that hangs on something unknown. */
interface Ending {
  readonly by: 'return' | 'raise' | 'break' | 'continue';
  readonly maybe: boolean;
}

/** A function as it runs. */
interface Frame {
  readonly scope: Scope;
  readonly returned: Value[];
  conditional: boolean;
  repeated: boolean;
}

const NOWHERE: Span = { start: 0, end: 0 };

/** Calls within calls, and turns of a loop: more are not followed. */
const DEEPEST_CALL = 12;
const MOST_TURNS = 1000;
/** Statements that are run in all. */
const MOST_STATEMENTS = 50_000;

/**
 * Runs a file as far as its text alone tells: constants, functions of the file, loops over literals, conditions that
 * are known. Where something is not known it goes on both ways. Never throws, always ends.
 */
export class Interpreter {
  private readonly module: PythonModule;
  private outside: Outside;
  private readonly evaluator: Evaluator;
  private readonly globals = new Scope();
  private frames: readonly Frame[] = [];
  private statements = 0;

  constructor(module: PythonModule, outside: Outside) {
    this.module = module;
    this.outside = outside;
    this.evaluator = new Evaluator(module.text, {
      called: (call) => this.outside.called(call, this.circumstances),
      attribute: (of, name) => this.outside.attribute(of, name),
      lookUp: (name) => this.frame.scope.get(name),
      assign: (name, value) => this.frame.scope.set(name, value),
      functionOf: (parameters, definition, body) => this.functionOf(parameters, definition, body),
    });
    const frame: Frame = { scope: this.globals, returned: [], conditional: false, repeated: false };
    this.within(frame, () => this.block(module.body));
  }

  /** What a name of the file is worth after all of it was read. */
  global(name: string): Value | undefined {
    return this.globals.get(name);
  }

  /**
   * Calls a function of the file; `outside` is told what it does from here on. Of its parameters those get a value that
   * `given` has one for.
   */
  run(name: string, outside: Outside, given: ReadonlyMap<string, Value>): void {
    this.outside = outside;
    const found = this.globals.get(name);
    if (found?.kind !== 'function') return;
    const whole = found.definition?.nameSpan ?? NOWHERE;
    const keywords = found.parameters.flatMap((parameter) => {
      const value = given.get(parameter.name);
      return value === undefined ? [] : [{ name: parameter.name, value, span: whole, whole }];
    });
    found.call({ args: [], keywords, complete: true });
  }

  private get frame(): Frame {
    return this.frames.at(-1) ?? { scope: this.globals, returned: [], conditional: false, repeated: false };
  }

  private get circumstances(): Circumstances {
    return {
      conditional: this.frames.some(({ conditional }) => conditional),
      repeated: this.frames.some(({ repeated }) => repeated),
    };
  }

  private within<T>(frame: Frame, work: () => T): T {
    const before = this.frames;
    this.frames = [...before, frame];
    try {
      return work();
    } finally {
      this.frames = before;
    }
  }

  private functionOf(
    parameters: FunctionDefinition['parameters'],
    definition: FunctionDefinition | undefined,
    body: Expression | undefined,
  ): FunctionValue {
    const { scope } = this.frame;
    const call = (args: CallArguments): Value => {
      const frame: Frame = { scope: new Scope(scope), returned: [], conditional: false, repeated: false };
      if (this.frames.length > DEEPEST_CALL) {
        if (definition !== undefined) this.outside.guessed(definition.nameSpan, 0);
        return this.unknown(undefined);
      }
      return this.within(frame, () => {
        this.bind(parameters, args, frame.scope);
        if (body !== undefined) return this.evaluator.evaluate(body);
        const ending = this.block(definition?.body ?? []);
        if (frame.returned.length === 0) return NONE;
        const [value = NONE] = frame.returned;
        const certain = frame.returned.length === 1 && ending?.by === 'return' && !ending.maybe;
        return certain ? value : this.unknown(undefined);
      });
    };
    return { kind: 'function', parameters, definition, call };
  }

  private bind(
    parameters: FunctionDefinition['parameters'],
    { args, keywords, complete }: CallArguments,
    scope: Scope,
  ): void {
    let next = 0;
    for (const parameter of parameters) {
      const { name, collects } = parameter;
      const keyword = keywords.find((each) => each.name === name);
      if (collects === 'list') {
        scope.set(name, { kind: 'sequence', type: 'tuple', items: args.slice(next) });
        next = args.length;
      } else if (collects === 'dict') {
        const others = keywords.filter((each) => parameters.every((known) => known.name !== each.name));
        const entries = others.map((each) => ({ key: this.evaluator.nameItem(each), value: each }));
        scope.set(name, { kind: 'dict', entries });
      } else {
        const given = keyword ?? args[next++];
        if (given !== undefined) scope.set(name, given.value);
        else if (parameter.default !== undefined && complete)
          scope.set(name, this.evaluator.evaluate(parameter.default));
        else scope.set(name, { kind: 'unknown', source: name });
      }
    }
  }

  /** Runs statements in order. Gives how they end before the last, if they do. */
  private block(statements: readonly PythonStatement[]): Ending | undefined {
    const { frame } = this;
    const { conditional } = frame;
    let ending: Ending | undefined;
    for (const statement of statements) {
      if (++this.statements > MOST_STATEMENTS) {
        this.outside.stopped(statement.span);
        break;
      }
      const ended = this.statement(statement);
      if (ended === undefined) continue;
      if (!ended.maybe) {
        ending = ending === undefined ? ended : { ...ended, by: ending.by };
        break;
      }
      // From here on it runs only if it has not ended before.
      ending = ended;
      frame.conditional = true;
    }
    frame.conditional = conditional;
    return ending;
  }

  private statement(statement: PythonStatement): Ending | undefined {
    const { frame } = this;
    switch (statement.kind) {
      case 'expression':
        this.expression(statement);
        return undefined;
      case 'assign': {
        const value = this.evaluator.evaluate(statement.value);
        for (const target of statement.targets) this.assign(target, { value, span: statement.value.span });
        return undefined;
      }
      case 'update': {
        const { target, operator, value: right, span } = statement;
        const value = this.evaluator.evaluate({ kind: 'binary', span, operator, left: target, right });
        this.assign(target, { value, span });
        return undefined;
      }
      case 'function': {
        const { definition } = statement;
        frame.scope.set(definition.name, this.functionOf(definition.parameters, definition, undefined));
        return undefined;
      }
      case 'class':
        frame.scope.set(statement.name, { kind: 'external', path: statement.name });
        return undefined;
      case 'if':
        return this.branches(statement.branches, statement.otherwise);
      case 'for':
        return this.loop(statement);
      case 'while':
        if (isTrue(this.evaluator.evaluate(statement.condition)) === false) return undefined;
        return this.once(statement.body, statement.head);
      case 'with':
        return this.with(statement);
      case 'try':
        return this.try(statement);
      case 'return':
        frame.returned.push(statement.value === undefined ? NONE : this.evaluator.evaluate(statement.value));
        return { by: 'return', maybe: false };
      case 'pass':
        return undefined;
      case 'raise':
        this.outside.stopped(statement.span);
        return { by: 'raise', maybe: false };
      case 'break':
      case 'continue':
        return { by: statement.kind, maybe: false };
      case 'import':
        for (const { name, path } of statement.names) {
          if (name === undefined) this.evaluator.importAll(path);
          else frame.scope.set(name, { kind: 'external', path });
        }
        return undefined;
      case 'other':
        for (const inside of statement.inside) this.evaluator.evaluate(inside);
        return this.alternatives(statement.bodies, false);
    }
  }

  private expression(statement: Extract<PythonStatement, { kind: 'expression' }>): void {
    const run = (): void => {
      const value = this.evaluator.evaluate(statement.value);
      if (value.kind === 'call') this.outside.discarded(value);
    };
    if (this.outside.statement === undefined) {
      run();
      return;
    }
    this.outside.statement({
      span: statement.span,
      ...this.circumstances,
      run: () => this.evaluator.externalNamesIn(run),
      meansTheSame: (names) => {
        for (const [name, path] of names) {
          const value = this.evaluator.named(name);
          if (value.kind !== 'external' || value.path !== path) return false;
        }
        return true;
      },
    });
  }

  private assign(target: Expression, { value, span }: Item): void {
    if (target.kind === 'name') this.frame.scope.set(target.name, value);
    else if (target.kind === 'tuple' || target.kind === 'list') {
      const items =
        value.kind === 'sequence' && value.items.length === target.items.length ? value.items : undefined;
      for (const [i, each] of target.items.entries()) {
        this.assign(each, items?.[i] ?? { value: this.unknown(each.span), span });
      }
    }
  }

  /** `if`, `elif`, `else`: the branch whose condition holds; all that may run where that is not known. */
  private branches(
    branches: readonly { readonly condition: Expression; readonly body: readonly PythonStatement[] }[],
    otherwise: readonly PythonStatement[],
  ): Ending | undefined {
    const open: (readonly PythonStatement[])[] = [];
    for (const { condition, body } of branches) {
      const holds = isTrue(this.evaluator.evaluate(condition));
      if (holds === false) continue;
      open.push(body);
      if (holds === true) return open.length === 1 ? this.block(body) : this.alternatives(open, true);
    }
    if (open.length === 0) return this.block(otherwise);
    return this.alternatives([...open, otherwise], true);
  }

  /** One of several runs, or (where they do not cover all cases) none. What they bind differently is unknown after. */
  private alternatives(
    bodies: readonly (readonly PythonStatement[])[],
    exhaustive: boolean,
  ): Ending | undefined {
    const { frame } = this;
    const before = frame.scope.snapshot();
    const { conditional } = frame;
    const endings: (Ending | undefined)[] = exhaustive ? [] : [undefined];
    const changed = new Set<string>();
    frame.conditional = true;
    for (const body of bodies) {
      endings.push(this.block(body));
      for (const name of frame.scope.changedSince(before)) changed.add(name);
      frame.scope.restore(before);
    }
    frame.conditional = conditional;
    for (const name of changed) frame.scope.set(name, { kind: 'unknown', source: name });
    // What follows runs whenever the whole run succeeds: it does not hang on what would have raised.
    const left = endings.filter((each) => each?.by !== 'raise');
    if (left.length === 0) return { by: 'raise', maybe: false };
    const ending = left.find((each) => each !== undefined);
    if (ending === undefined) return undefined;
    return { by: ending.by, maybe: left.some((each) => each === undefined || each.maybe) };
  }

  private loop(statement: Extract<PythonStatement, { kind: 'for' }>): Ending | undefined {
    const { target, iterable, body, otherwise, head } = statement;
    const items = this.evaluator.itemsOf(this.evaluator.evaluate(iterable));
    if (items === undefined || items.length > MOST_TURNS) {
      this.assign(target, { value: this.unknown(target.span), span: target.span });
      return this.once(body, head);
    }
    for (const item of items) {
      this.assign(target, item);
      const ending = this.block(body);
      if (ending === undefined || ending.by === 'continue') continue;
      if (ending.by !== 'break') return ending;
      if (!ending.maybe) return undefined;
    }
    return this.block(otherwise);
  }

  /** The body of a loop whose turns are not known, gone through once. */
  private once(body: readonly PythonStatement[], head: Span): Ending | undefined {
    const { done } = this.outside;
    const { frame } = this;
    const { repeated } = frame;
    frame.repeated = true;
    const ending = this.alternatives([body], false);
    frame.repeated = repeated;
    if (this.outside.done > done) this.outside.guessed(head, done);
    return ending?.by === 'break' || ending?.by === 'continue' ? undefined : ending;
  }

  private with({ items, body }: Extract<PythonStatement, { kind: 'with' }>): Ending | undefined {
    const leaves: (() => void)[] = [];
    for (const { value: expression, target } of items) {
      const item = { value: this.evaluator.evaluate(expression), span: expression.span };
      const { value, leave } = this.outside.entered(item);
      if (target !== undefined) this.assign(target, { value, span: expression.span });
      if (leave !== undefined) leaves.unshift(leave);
    }
    const ending = this.block(body);
    for (const leave of leaves) leave();
    return ending;
  }

  private try(statement: Extract<PythonStatement, { kind: 'try' }>): Ending | undefined {
    const ending = this.block(statement.body);
    const handled = this.alternatives(statement.handlers, false);
    const after = ending === undefined ? this.block(statement.otherwise) : ending;
    return this.block(statement.finally) ?? after ?? handled;
  }

  private unknown(span: Span | undefined): UnknownValue {
    return {
      kind: 'unknown',
      source: span === undefined ? '' : this.module.text.slice(span.start, span.end),
    };
  }
}
