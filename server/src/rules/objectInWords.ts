import { displayName } from '../catalog/catalog.ts';
import type { Mention } from '../catalog/mentions.ts';

/** "table orders", "column total of orders": an object that a statement mentions. */
export function objectInWords(mention: Mention): string {
  if (mention.kind === 'function') return `function ${displayName(mention.key)}`;
  if (mention.part !== undefined) return `${mention.kind} ${mention.part} of ${displayName(mention.key)}`;
  return `${mention.kind} ${mention.key.includes('\u0000') ? displayName(mention.key) : mention.key}`;
}
