import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

/** Where a rule is documented, as a URI; undefined where it is not. */
export type Documentation = (rule: string) => string | undefined;

/**
 * The documentation in a file with one anchor per rule: docs/rules.md, which is installed with the program. It works
 * without a network, and says what this version does.
 */
export function documentationIn(path: string): Documentation {
  if (!existsSync(path)) return () => undefined;
  const page = pathToFileURL(path).href;
  return (rule) => `${page}#${rule}`;
}
