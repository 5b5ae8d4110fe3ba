import { type SyntaxNode, type Tree, TreeFragment } from '@lezer/common';
import { parser as pythonParser } from '@lezer/python';
import type { Span } from '../sql/span.ts';
import { changeBetween } from '../sql/textChange.ts';
import { convertBody } from './convertBody.ts';
import type { PythonModule, PythonStatement } from './syntax.ts';

/**
 * Only whole nodes of an old tree are taken over, and short buffers keep more of them apart. `configure` copies a parser
 * into an object that V8 looks up by name, a third slower; one that is a prototype it does not.
 */
const parser: typeof pythonParser = Object.create(pythonParser.configure({ bufferLength: 256 }));

/** A file as it was parsed; given back for its next version, only what has changed is parsed again. */
export class ParsedPython implements PythonModule {
  readonly text: string;
  readonly body: readonly PythonStatement[];
  readonly comments: readonly Span[];
  readonly strings: readonly Span[];
  readonly errors: readonly Span[];
  readonly #tree: Tree;

  private constructor(text: string, tree: Tree) {
    this.text = text;
    this.#tree = tree;
    this.body = convertBody(tree.topNode, text);
    const found = marksIn(tree);
    this.comments = found.comments;
    this.strings = found.strings;
    this.errors = found.errors;
  }

  /** Parses `text`. Never throws: what is no Python is left out of `body` and named in `errors`. */
  static of(text: string, previous?: ParsedPython): ParsedPython {
    const fragments = previous === undefined ? [] : kept(previous.#tree, previous.text, text);
    return new ParsedPython(text, parser.parse(text, fragments));
  }
}

/** What the old tree still says of the new text: all outside the one stretch that holds every change. */
function kept(tree: Tree, before: string, after: string): readonly TreeFragment[] {
  const fragments = TreeFragment.addTree(tree);
  const { start, endBefore, endAfter } = changeBetween(before, after);
  if (start === before.length && start === after.length) return fragments;
  const change = { fromA: start, toA: endBefore, fromB: start, toB: endAfter };
  return TreeFragment.applyChanges(fragments, [change]);
}

function marksIn(tree: Tree): { comments: Span[]; strings: Span[]; errors: Span[] } {
  const comments: Span[] = [];
  const strings: Span[] = [];
  const errors: Span[] = [];
  tree.iterate({
    enter({ type, from, to }: Pick<SyntaxNode, 'type' | 'from' | 'to'>) {
      if (type.isError) errors.push({ start: from, end: to });
      else if (type.name === 'Comment') comments.push({ start: from, end: to });
      else if (type.name === 'String' || type.name === 'FormatString') strings.push({ start: from, end: to });
    },
  });
  return { comments, strings, errors };
}
