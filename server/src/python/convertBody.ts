import type { SyntaxNode } from '@lezer/common';
import type { Span } from '../sql/span.ts';
import { expressionOf, parameters } from './convertExpression.ts';
import type { Expression, FunctionDefinition, ImportedName, PythonStatement } from './syntax.ts';
import { childrenOf, spanOf, textOf } from './syntaxNodes.ts';

/* Statements: from the parser's tree to our own. */

/** An expression that stands as a statement: converted when it is asked for, since few of them change between two versions. */
class ExpressionStatement {
  readonly kind = 'expression';
  readonly span: Span;
  readonly #node: SyntaxNode;
  readonly #text: string;
  #value: Expression | undefined;

  constructor(node: SyntaxNode, span: Span, text: string) {
    this.span = span;
    this.#node = node;
    this.#text = text;
  }

  get value(): Expression {
    const { span } = this;
    this.#value ??= expressionOf(childrenOf(this.#node), this.#text) ?? { kind: 'other', span, inside: [] };
    return this.#value;
  }
}

/** The statements of a file or of a body. */
export function convertBody(node: SyntaxNode, text: string): PythonStatement[] {
  return childrenOf(node).flatMap((child) => statement(child, text));
}

function statement(node: SyntaxNode, text: string): PythonStatement[] {
  const span = spanOf(node);
  switch (node.name) {
    case 'StatementGroup':
      return convertBody(node, text);
    case 'ExpressionStatement':
      return [new ExpressionStatement(node, span, text)];
    case 'AssignStatement':
      return assignment(node, text);
    case 'UpdateStatement': {
      const children = childrenOf(node);
      const at = children.findIndex(({ name }) => name === 'UpdateOp');
      const target = expressionOf(children.slice(0, at), text);
      const value = expressionOf(children.slice(at + 1), text);
      const operator = children[at] === undefined ? '' : textOf(children[at], text).slice(0, -1);
      if (target === undefined || value === undefined) return [];
      return [{ kind: 'update', span, target, operator, value }];
    }
    case 'FunctionDefinition':
      return functionDefinition(node, text);
    case 'DecoratedStatement':
      return childrenOf(node).flatMap((child) => (child.name === 'Decorator' ? [] : statement(child, text)));
    case 'ClassDefinition': {
      const name = node.getChild('VariableName');
      return name === null ? [] : [{ kind: 'class', span, name: textOf(name, text) }];
    }
    case 'IfStatement':
      return [ifStatement(node, text)];
    case 'ForStatement':
      return forStatement(node, text);
    case 'WhileStatement': {
      const condition = expressionOf(childrenOf(node).slice(1, 2), text);
      if (condition === undefined) return [];
      const head = { start: span.start, end: condition.span.end };
      return [{ kind: 'while', span, condition, body: bodiesOf(node, text)[0] ?? [], head }];
    }
    case 'WithStatement':
      return [withStatement(node, text)];
    case 'TryStatement':
      return [tryStatement(node, text)];
    case 'ReturnStatement': {
      const value = expressionOf(childrenOf(node).slice(1), text);
      return [value === undefined ? { kind: 'return', span } : { kind: 'return', span, value }];
    }
    case 'PassStatement':
      return [{ kind: 'pass', span }];
    case 'RaiseStatement':
      return [{ kind: 'raise', span }];
    case 'BreakStatement':
      return [{ kind: 'break', span }];
    case 'ContinueStatement':
      return [{ kind: 'continue', span }];
    case 'ImportStatement':
      return [{ kind: 'import', span, names: importedNames(childrenOf(node), text) }];
    default:
      return otherStatement(node, text);
  }
}

function otherStatement(node: SyntaxNode, text: string): PythonStatement[] {
  if (!/Statement$/.test(node.name) || /^Scope/.test(node.name)) return [];
  const bodies: PythonStatement[][] = [];
  const collect = (at: SyntaxNode): void => {
    for (const child of childrenOf(at)) {
      if (child.name === 'Body') bodies.push(convertBody(child, text));
      else if (/^Match/.test(child.name)) collect(child);
    }
  };
  collect(node);
  const inside = childrenOf(node).flatMap((child) => expressionOf([child], text) ?? []);
  return [{ kind: 'other', span: spanOf(node), inside, bodies }];
}

/** `a = b = value`, `a: int = value`. An annotation without a value binds nothing. */
function assignment(node: SyntaxNode, text: string): PythonStatement[] {
  const sides: SyntaxNode[][] = [[]];
  for (const child of childrenOf(node)) {
    if (child.name === 'AssignOp') sides.push([]);
    else if (child.name !== 'TypeDef') sides.at(-1)?.push(child);
  }
  const [value, ...targets] = sides.map((side) => expressionOf(side, text)).reverse();
  if (value === undefined || targets.length === 0) return [];
  return [
    {
      kind: 'assign',
      span: spanOf(node),
      targets: targets.reverse().filter((target) => target !== undefined),
      value,
    },
  ];
}

function functionDefinition(node: SyntaxNode, text: string): PythonStatement[] {
  const name = node.getChild('VariableName');
  const body = node.getChild('Body');
  if (name === null || body === null) return [];
  const definition: FunctionDefinition = {
    name: textOf(name, text),
    nameSpan: spanOf(name),
    parameters: parameters(node.getChild('ParamList'), text),
    body: convertBody(body, text),
    bodySpan: { start: body.firstChild?.to ?? body.from, end: body.to },
  };
  return [{ kind: 'function', span: spanOf(node), definition }];
}

function ifStatement(node: SyntaxNode, text: string): PythonStatement {
  const branches: { condition: Expression; body: PythonStatement[] }[] = [];
  let otherwise: PythonStatement[] = [];
  let condition: Expression | undefined;
  for (const child of childrenOf(node)) {
    if (child.name === 'else') condition = undefined;
    else if (child.name !== 'Body') condition = expressionOf([child], text) ?? condition;
    else if (condition === undefined) otherwise = convertBody(child, text);
    else branches.push({ condition, body: convertBody(child, text) });
  }
  return { kind: 'if', span: spanOf(node), branches, otherwise };
}

function forStatement(node: SyntaxNode, text: string): PythonStatement[] {
  const children = childrenOf(node).filter(({ name }) => name !== 'async');
  const at = children.findIndex(({ name }) => name === 'in');
  const end = children.findIndex(({ name }) => name === 'Body');
  const target = expressionOf(children.slice(1, at), text);
  const iterable = expressionOf(children.slice(at + 1, end < 0 ? undefined : end), text);
  if (target === undefined || iterable === undefined) return [];
  const [body = [], otherwise = []] = bodiesOf(node, text);
  const head = { start: node.from, end: iterable.span.end };
  return [{ kind: 'for', span: spanOf(node), target, iterable, body, otherwise, head }];
}

function withStatement(node: SyntaxNode, text: string): PythonStatement {
  const items: { value: Expression; target?: Expression }[] = [];
  let named = false;
  for (const child of unwrapped(childrenOf(node))) {
    if (child.name === 'as') named = true;
    const value = expressionOf([child], text);
    if (value === undefined) continue;
    const last = items.at(-1);
    if (named && last !== undefined) items.splice(-1, 1, { value: last.value, target: value });
    else items.push({ value });
    named = false;
  }
  return { kind: 'with', span: spanOf(node), items, body: bodiesOf(node, text)[0] ?? [] };
}

/** `with (a as b, c as d):` holds its items in parentheses. */
function unwrapped(children: readonly SyntaxNode[]): readonly SyntaxNode[] {
  return children.flatMap((child) =>
    /^(Parenthesized|Tuple)Expression$/.test(child.name) && child.getChild('as') !== null
      ? childrenOf(child)
      : [child],
  );
}

function tryStatement(node: SyntaxNode, text: string): PythonStatement {
  const parts = {
    body: [] as PythonStatement[],
    otherwise: [] as PythonStatement[],
    finally: [] as PythonStatement[],
  };
  const handlers: PythonStatement[][] = [];
  let at = 'try';
  for (const child of childrenOf(node)) {
    if (/^(try|except|else|finally)$/.test(child.name)) at = child.name;
    if (child.name !== 'Body') continue;
    const body = convertBody(child, text);
    if (at === 'except') handlers.push(body);
    else if (at === 'else') parts.otherwise = body;
    else if (at === 'finally') parts.finally = body;
    else parts.body = body;
  }
  return { kind: 'try', span: spanOf(node), ...parts, handlers };
}

function importedNames(children: readonly SyntaxNode[], text: string): ImportedName[] {
  const words = children.map((child) => textOf(child, text)).filter((word) => word !== '(' && word !== ')');
  const from = words[0] === 'from';
  const at = words.indexOf('import');
  const module = from ? `${words.slice(1, at).join('')}` : '';
  const names: string[][] = [[]];
  for (const word of words.slice(at + 1)) {
    if (word === ',') names.push([]);
    else names.at(-1)?.push(word);
  }
  return names.flatMap((parts): ImportedName[] => {
    const as = parts.indexOf('as');
    const path = parts.slice(0, as < 0 ? undefined : as).join('');
    if (path === '') return [];
    if (path === '*') return [{ name: undefined, path: module }];
    const alias = as < 0 ? undefined : parts[as + 1];
    if (from) return [{ name: alias ?? path, path: `${module}.${path}` }];
    // `import a.b` binds `a`.
    const [first = path] = path.split('.');
    return [alias === undefined ? { name: first, path: first } : { name: alias, path }];
  });
}

function bodiesOf(node: SyntaxNode, text: string): PythonStatement[][] {
  return node.getChildren('Body').map((body) => convertBody(body, text));
}
