import type { Span } from '../sql/span.ts';
import type { MappedText } from './mappedText.ts';

/*
 * Python as far as migrations need it. Every node has its place in the document (UTF-16 code units). What is not listed
 * here is there as `other`, with the expressions and statements inside it.
 */

export type Expression = { readonly span: Span } & (
  | { readonly kind: 'name'; readonly name: string }
  | {
      readonly kind: 'attribute';
      readonly of: Expression;
      readonly name: string;
      readonly nameSpan: Span;
    }
  | { readonly kind: 'item'; readonly of: Expression; readonly index: Expression }
  | { readonly kind: 'call'; readonly callee: Expression; readonly args: readonly Argument[] }
  | { readonly kind: 'string'; readonly parts: readonly StringPart[] }
  | { readonly kind: 'number'; readonly text: string }
  | { readonly kind: 'constant'; readonly value: true | false | null }
  | { readonly kind: 'list' | 'tuple' | 'set'; readonly items: readonly Expression[] }
  | { readonly kind: 'dict'; readonly entries: readonly DictEntry[] }
  | { readonly kind: 'unary'; readonly operator: string; readonly operand: Expression }
  | {
      readonly kind: 'binary';
      readonly operator: string;
      readonly left: Expression;
      readonly right: Expression;
    }
  | {
      readonly kind: 'conditional';
      readonly condition: Expression;
      readonly then: Expression;
      readonly otherwise: Expression;
    }
  | {
      readonly kind: 'comprehension';
      readonly element: Expression;
      /** Of a dictionary: the value that belongs to `element`, the key. */
      readonly value?: Expression;
      readonly clauses: readonly ComprehensionClause[];
    }
  | { readonly kind: 'lambda'; readonly parameters: readonly Parameter[]; readonly body: Expression }
  | { readonly kind: 'starred'; readonly of: Expression }
  | { readonly kind: 'assignment'; readonly name: string; readonly value: Expression }
  | { readonly kind: 'other'; readonly inside: readonly Expression[] }
);

export type CallExpression = Extract<Expression, { readonly kind: 'call' }>;

export interface Argument {
  /** From the keyword, where it has one, to the end of its value. */
  readonly span: Span;
  readonly keyword?: string;
  /** `*list` and `**dict`. */
  readonly unpacks?: 'list' | 'dict';
  readonly value: Expression;
}

/** One entry; without a key it is `**value`. */
export interface DictEntry {
  readonly key?: Expression;
  readonly value: Expression;
}

export type ComprehensionClause =
  | { readonly kind: 'for'; readonly target: Expression; readonly iterable: Expression }
  | { readonly kind: 'if'; readonly condition: Expression };

/** A string is literal text and what is put into it. Literals that follow each other are one string. */
export type StringPart =
  | { readonly kind: 'text'; readonly text: MappedText }
  /** `{…}` of an f-string; `plain` without a conversion or a format. */
  | { readonly kind: 'replacement'; readonly span: Span; readonly value: Expression; readonly plain: boolean }
  /** Bytes, or what cannot be read. */
  | { readonly kind: 'unknown'; readonly span: Span };

export interface Parameter {
  readonly name: string;
  readonly default?: Expression;
  /** `*args` and `**kwargs`. */
  readonly collects?: 'list' | 'dict';
}

export type PythonStatement = { readonly span: Span } & (
  | { readonly kind: 'expression'; readonly value: Expression }
  /** `a = b = value` has two targets; an annotation alone has no value. */
  | { readonly kind: 'assign'; readonly targets: readonly Expression[]; readonly value: Expression }
  | {
      readonly kind: 'update';
      readonly target: Expression;
      readonly operator: string;
      readonly value: Expression;
    }
  | { readonly kind: 'function'; readonly definition: FunctionDefinition }
  | { readonly kind: 'class'; readonly name: string }
  | {
      readonly kind: 'if';
      readonly branches: readonly {
        readonly condition: Expression;
        readonly body: readonly PythonStatement[];
      }[];
      readonly otherwise: readonly PythonStatement[];
    }
  | {
      readonly kind: 'for';
      readonly target: Expression;
      readonly iterable: Expression;
      readonly body: readonly PythonStatement[];
      readonly otherwise: readonly PythonStatement[];
      /** From `for` to the colon. */
      readonly head: Span;
    }
  | {
      readonly kind: 'while';
      readonly condition: Expression;
      readonly body: readonly PythonStatement[];
      readonly head: Span;
    }
  | {
      readonly kind: 'with';
      readonly items: readonly { readonly value: Expression; readonly target?: Expression }[];
      readonly body: readonly PythonStatement[];
    }
  | {
      readonly kind: 'try';
      readonly body: readonly PythonStatement[];
      readonly handlers: readonly (readonly PythonStatement[])[];
      readonly otherwise: readonly PythonStatement[];
      readonly finally: readonly PythonStatement[];
    }
  | { readonly kind: 'return'; readonly value?: Expression }
  | { readonly kind: 'pass' | 'raise' | 'break' | 'continue' }
  | { readonly kind: 'import'; readonly names: readonly ImportedName[] }
  /** `bodies` may run: those of match, for instance. */
  | {
      readonly kind: 'other';
      readonly inside: readonly Expression[];
      readonly bodies: readonly (readonly PythonStatement[])[];
    }
);

export interface FunctionDefinition {
  readonly name: string;
  readonly nameSpan: Span;
  readonly parameters: readonly Parameter[];
  readonly body: readonly PythonStatement[];
  /** From the first statement of the body to the end of the last. */
  readonly bodySpan: Span;
}

/** `import a.b as c` binds `c` to "a.b"; `from a import b` binds `b` to "a.b"; `from a import *` binds all of "a". */
export interface ImportedName {
  readonly name: string | undefined;
  readonly path: string;
}

/** A file. */
export interface PythonModule {
  readonly text: string;
  readonly body: readonly PythonStatement[];
  /** From the `#` to the end of the line. */
  readonly comments: readonly Span[];
  /** String literals with their quotes and the letters before them; those that follow each other one by one. */
  readonly strings: readonly Span[];
  /** Where the text is no Python. Empty for a file that Python reads. */
  readonly errors: readonly Span[];
}
