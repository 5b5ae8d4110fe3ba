import type { SyntaxNode } from '@lezer/common';
import type { Span } from '../sql/span.ts';
import { decode, literalMarks } from './stringLiteral.ts';
import type {
  Argument,
  ComprehensionClause,
  DictEntry,
  Expression,
  Parameter,
  StringPart,
} from './syntax.ts';
import { childrenOf, spanOf, textOf } from './syntaxNodes.ts';

/* Expressions: from the parser's tree, whose nodes have names and children, to our own, whose nodes say what they are. */

/** One expression; several with commas between them are a tuple. Undefined where there is none. */
export function expressionOf(nodes: readonly SyntaxNode[], text: string): Expression | undefined {
  const items = itemsOf(nodes, text);
  const [first] = items;
  if (first === undefined) return undefined;
  if (!nodes.some(({ name }) => name === ',')) return first;
  const span = { start: first.span.start, end: items.at(-1)?.span.end ?? first.span.end };
  return { kind: 'tuple', span, items };
}

/** The parameters of a function or a lambda. */
export function parameters(list: SyntaxNode | null, text: string): Parameter[] {
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
