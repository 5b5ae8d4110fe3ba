import type { SyntaxNode } from '@lezer/common';
import type { Span } from '../sql/span.ts';

/* Nodes of the parser's tree. */

/** A node's children without comments. */
export function childrenOf(node: SyntaxNode | null): SyntaxNode[] {
  const children: SyntaxNode[] = [];
  for (let child = node?.firstChild ?? null; child !== null; child = child.nextSibling) {
    if (child.name !== 'Comment') children.push(child);
  }
  return children;
}

export function textOf(node: SyntaxNode, text: string): string {
  return text.slice(node.from, node.to);
}

export function spanOf(node: SyntaxNode): Span {
  return { start: node.from, end: node.to };
}
