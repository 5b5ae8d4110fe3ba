import { displayName } from '../catalog/catalog.ts';
import { lockOn } from '../effects/effect.ts';
import { blocks } from '../effects/lockMode.ts';
import type { Step } from '../replay/step.ts';
import { statementHead } from '../sql/spans/statementHead.ts';

/** "a SHARE lock on orders, which blocks writes": the lock that a step takes on a relation, in words. */
export function lockInWords(step: Step, relation: string): string {
  const mode = lockOn(step.effect, relation);
  if (mode === undefined) return `a lock on ${displayName(relation)}`;
  const article = /^[AE]/.test(mode) ? 'an' : 'a';
  return `${article} ${mode} lock on ${displayName(relation)}, which blocks ${blocks(mode)}`;
}

/** "a", "a and b", "a, b and c". */
export function listed(names: readonly string[]): string {
  if (names.length <= 1) return names[0] ?? '';
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

/** The name of a file without its folders. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** The beginning of a statement, as a person would name it: "ALTER TABLE orders". */
export function statementInWords({ statement, nested }: Step): string {
  const { text, tokens } = statement;
  const end = statementHead(statement)?.name?.end ?? tokens[2]?.end ?? text.length;
  const words = text.slice(0, end).replace(/\s+/g, ' ');
  return nested ? `${words} (inside DO)` : words;
}

/** "a, b, c and 4 more": the names, each once, as far as they fit. */
export function listedBriefly(names: readonly string[]): string {
  const all = [...new Set(names)];
  return listed(all.length > 5 ? [...all.slice(0, 4), `${all.length - 4} more`] : all);
}

/** What VALIDATE does. */
export function validateInWords(table: string): string {
  return `Add it NOT VALID, which reads nothing, and VALIDATE CONSTRAINT in the next migration: that reads ${displayName(table)} without standing in anyone's way.`;
}
