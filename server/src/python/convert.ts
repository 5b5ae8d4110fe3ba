import type { SyntaxNode } from '@lezer/common';
import type { Span } from '../sql/span.ts';
import { decode, literalMarks } from './stringLiteral.ts';
import type {
  Argument,
  ComprehensionClause,
  DictEntry,
  Expression,
  FunctionDefinition,
  ImportedName,
  Parameter,
  PythonStatement,
  StringPart,
} from './syntax.ts';

/* From the parser's tree, whose nodes have names and children, to our own, whose nodes say what they are. */

/** The statements of a file or of a body. */
export function convertBody(node: SyntaxNode, text: string): PythonStatement[] {
  return childrenOf(node).flatMap((child) => statement(child, text));
}

function statement(node: SyntaxNode, text: string): PythonStatement[] {
  const span = spanOf(node);
  switch (node.name) {
    case 'StatementGroup':
      return convertBody(node, text);
    case 'ExpressionStatement': {
      const value = expressionOf(childrenOf(node), text);
      return value === undefined ? [] : [{ kind: 'expression', span, value }];
    }
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
  if (!/Statement$/.test(node.name) || /^(Pass|Scope)/.test(node.name)) return [];
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

function parameters(list: SyntaxNode | null, text: string): Parameter[] {
  const found: Parameter[] = [];
  let collects: Parameter['collects'];
  for (const [i, child] of childrenOf(list).entries()) {
    if (child.name === '*') collects = 'list';
    else if (child.name === '**') collects = 'dict';
    else if (child.name === ',') collects = undefined;
    // A default's own name is no parameter.
    else if (child.name === 'VariableName' && child.prevSibling?.name !== 'AssignOp') {
      const following = childrenOf(list).slice(i + 1);
      const [first, second] = following.filter(({ name }) => name !== 'TypeDef');
      const value = first?.name === 'AssignOp' && second ? expressionOf([second], text) : undefined;
      found.push({
        name: textOf(child, text),
        ...(value === undefined ? {} : { default: value }),
        ...(collects === undefined ? {} : { collects }),
      });
    }
  }
  return found;
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

/** One expression; several with commas between them are a tuple. Undefined where there is none. */
function expressionOf(nodes: readonly SyntaxNode[], text: string): Expression | undefined {
  const items = itemsOf(nodes, text);
  const [first] = items;
  if (first === undefined) return undefined;
  if (!nodes.some(({ name }) => name === ',')) return first;
  const span = { start: first.span.start, end: items.at(-1)?.span.end ?? first.span.end };
  return { kind: 'tuple', span, items };
}

/** The expressions among nodes, `*` in front of one noted. */
function itemsOf(nodes: readonly SyntaxNode[], text: string): Expression[] {
  const items: Expression[] = [];
  let star: SyntaxNode | undefined;
  for (const node of nodes) {
    if (node.name === '*' || node.name === '**') {
      star = node;
      continue;
    }
    const converted = expression(node, text);
    if (converted === undefined) continue;
    const span = { start: star?.from ?? node.from, end: node.to };
    items.push(star === undefined ? converted : { kind: 'starred', span, of: converted });
    star = undefined;
  }
  return items;
}

/** Undefined for keywords, punctuation and what is missing. */
function expression(node: SyntaxNode, text: string): Expression | undefined {
  const span = spanOf(node);
  const children = childrenOf(node);
  switch (node.name) {
    case 'VariableName':
      return { kind: 'name', span, name: textOf(node, text) };
    case 'MemberExpression':
      return member(node, text);
    case 'CallExpression': {
      const callee = expressionOf(children.slice(0, 1), text);
      const list = node.getChild('ArgList');
      if (callee === undefined) return undefined;
      return { kind: 'call', span, callee, args: argumentsOf(childrenOf(list), text) };
    }
    case 'String':
    case 'FormatString':
      return { kind: 'string', span, parts: stringParts(node, text) };
    case 'ContinuedString':
      return { kind: 'string', span, parts: children.flatMap((child) => stringParts(child, text)) };
    case 'Number':
      return { kind: 'number', span, text: textOf(node, text) };
    case 'Boolean':
      return { kind: 'constant', span, value: textOf(node, text) === 'True' };
    case 'None':
      return { kind: 'constant', span, value: null };
    case 'TupleExpression':
      return { kind: 'tuple', span, items: itemsOf(children, text) };
    case 'ArrayExpression':
      return { kind: 'list', span, items: itemsOf(children, text) };
    case 'SetExpression':
      return { kind: 'set', span, items: itemsOf(children, text) };
    case 'ParenthesizedExpression': {
      const inside = expressionOf(children, text);
      return inside ?? { kind: 'tuple', span, items: [] };
    }
    case 'DictionaryExpression':
      return { kind: 'dict', span, entries: dictEntries(children, text) };
    case 'UnaryExpression': {
      const [operator] = children;
      const operand = expressionOf(children.slice(1), text);
      if (operator === undefined || operand === undefined) return undefined;
      return { kind: 'unary', span, operator: textOf(operator, text), operand };
    }
    case 'BinaryExpression':
      return binary(node, text);
    case 'ConditionalExpression': {
      const [then, condition, otherwise] = itemsOf(children, text);
      if (then === undefined || condition === undefined || otherwise === undefined) return undefined;
      return { kind: 'conditional', span, condition, then, otherwise };
    }
    case 'LambdaExpression': {
      const at = children.findIndex(({ name }) => name === ':');
      const body = expressionOf(children.slice(at + 1), text);
      if (body === undefined) return undefined;
      return { kind: 'lambda', span, parameters: parameters(node.getChild('ParamList'), text), body };
    }
    case 'NamedExpression': {
      const [name] = children;
      const value = expressionOf(children.slice(1), text);
      if (name === undefined || value === undefined) return undefined;
      return { kind: 'assignment', span, name: textOf(name, text), value };
    }
    case 'ArrayComprehensionExpression':
    case 'SetComprehensionExpression':
    case 'ComprehensionExpression':
    case 'DictionaryComprehensionExpression':
      return comprehension(children, span, text);
    default:
      return /Expression$|^Ellipsis$/.test(node.name)
        ? { kind: 'other', span, inside: itemsOf(children, text) }
        : undefined;
  }
}

function member(node: SyntaxNode, text: string): Expression | undefined {
  const children = childrenOf(node);
  const of = expressionOf(children.slice(0, 1), text);
  if (of === undefined) return undefined;
  const property = node.getChild('PropertyName');
  const span = spanOf(node);
  if (property !== null) {
    return { kind: 'attribute', span, of, name: textOf(property, text), nameSpan: spanOf(property) };
  }
  if (node.getChild('[') === null) return of;
  // Slices are not followed.
  const index = node.getChild(':') === null ? expressionOf(children.slice(2), text) : undefined;
  if (index === undefined) return { kind: 'other', span, inside: [of] };
  return { kind: 'item', span, of, index };
}

function binary(node: SyntaxNode, text: string): Expression | undefined {
  const children = childrenOf(node);
  const left = expressionOf(children.slice(0, 1), text);
  const right = expressionOf(children.slice(-1), text);
  if (left === undefined || right === undefined) return undefined;
  const operator = children
    .slice(1, -1)
    .map((child) => textOf(child, text))
    .join(' ');
  return { kind: 'binary', span: spanOf(node), operator, left, right };
}

function comprehension(children: readonly SyntaxNode[], span: Span, text: string): Expression | undefined {
  const groups: { word: string; nodes: SyntaxNode[] }[] = [{ word: '', nodes: [] }];
  for (const child of children) {
    if (/^(for|in|if)$/.test(child.name)) groups.push({ word: child.name, nodes: [] });
    else if (child.name !== 'async') groups.at(-1)?.nodes.push(child);
  }
  const [head, ...rest] = groups;
  const [element, value] = itemsOf(head?.nodes ?? [], text);
  const clauses: ComprehensionClause[] = [];
  let target: Expression | undefined;
  for (const { word, nodes } of rest) {
    const found = expressionOf(nodes, text);
    if (found === undefined) return undefined;
    if (word === 'for') target = found;
    else if (word === 'if') clauses.push({ kind: 'if', condition: found });
    else if (target !== undefined) clauses.push({ kind: 'for', target, iterable: found });
  }
  if (element === undefined) return undefined;
  return { kind: 'comprehension', span, element, ...(value === undefined ? {} : { value }), clauses };
}

/** Each list of arguments without its commas. */
function argumentsOf(nodes: readonly SyntaxNode[], text: string): Argument[] {
  const groups: SyntaxNode[][] = [[]];
  for (const node of nodes) {
    if (node.name === ',') groups.push([]);
    else groups.at(-1)?.push(node);
  }
  return groups.flatMap((group) => argument(group, text));
}

function argument(nodes: readonly SyntaxNode[], text: string): Argument[] {
  const inside = nodes.filter(({ name }) => name !== '(' && name !== ')');
  const [first, second] = inside;
  const last = inside.at(-1);
  if (first === undefined || last === undefined) return [];
  const span = { start: first.from, end: last.to };
  if (second?.name === 'AssignOp') {
    const value = expressionOf(inside.slice(2), text);
    return value === undefined ? [] : [{ span, keyword: textOf(first, text), value }];
  }
  if (first.name === '*' || first.name === '**') {
    const value = expressionOf(inside.slice(1), text);
    return value === undefined ? [] : [{ span, unpacks: first.name === '*' ? 'list' : 'dict', value }];
  }
  if (inside.some(({ name }) => name === 'for')) {
    const value = comprehension(inside, span, text);
    return value === undefined ? [] : [{ span, value }];
  }
  const value = expressionOf(inside, text);
  return value === undefined ? [] : [{ span, value }];
}

function dictEntries(children: readonly SyntaxNode[], text: string): DictEntry[] {
  const entries: DictEntry[] = [];
  let key: Expression | undefined;
  for (const item of itemsOf(children, text)) {
    if (item.kind === 'starred') entries.push({ value: item.of });
    else if (key === undefined) key = item;
    else {
      entries.push({ key, value: item });
      key = undefined;
    }
  }
  return entries;
}

function stringParts(node: SyntaxNode, text: string): StringPart[] {
  const span = spanOf(node);
  const marks = literalMarks(text, span);
  if (marks === undefined || marks.bytes) return [{ kind: 'unknown', span }];
  const parts: StringPart[] = [];
  let at = marks.content.start;
  for (const replacement of node.getChildren('FormatReplacement')) {
    parts.push({ kind: 'text', text: decode(text, { start: at, end: replacement.from }, marks) });
    parts.push(replacementField(replacement, text));
    at = replacement.to;
  }
  parts.push({ kind: 'text', text: decode(text, { start: at, end: marks.content.end }, marks) });
  return parts;
}

function replacementField(node: SyntaxNode, text: string): StringPart {
  const children = childrenOf(node);
  const value = expressionOf(
    children.filter(({ name }) => !name.startsWith('Format')),
    text,
  );
  const span = spanOf(node);
  if (value === undefined) return { kind: 'unknown', span };
  const plain = !children.some(({ name }) => name.startsWith('Format') || name === '=');
  return { kind: 'replacement', span, value, plain };
}

function childrenOf(node: SyntaxNode | null): SyntaxNode[] {
  const children: SyntaxNode[] = [];
  for (let child = node?.firstChild ?? null; child !== null; child = child.nextSibling) {
    if (child.name !== 'Comment') children.push(child);
  }
  return children;
}

function textOf(node: SyntaxNode, text: string): string {
  return text.slice(node.from, node.to);
}

function spanOf(node: SyntaxNode): Span {
  return { start: node.from, end: node.to };
}
