import { readFileSync } from 'node:fs';
import { split } from '../../server/src/sql/splitter.ts';
import type { Random } from './damage.ts';

/** The statements of corpus.sql, without their semicolons. */
export const CORPUS: readonly string[] = readCorpus();

function readCorpus(): string[] {
  const text = readFileSync(new URL('corpus.sql', import.meta.url), 'utf8');
  return split(text).map((piece) => text.slice(piece.start, piece.end));
}

const COMMENTS = ['-- what follows; is needed', "/* it's a block;\n   of two lines */", '--', "-- don't"];

/** A migration of `count` statements of the corpus, spaced and commented as people do. */
export function someFile(count: number, random: Random, newline = '\n'): string {
  let text = '';
  for (let i = 0; i < count; i++) {
    if (random(4) === 0) text += `${COMMENTS[random(COMMENTS.length)]}\n`;
    text += `${CORPUS[random(CORPUS.length)]};\n`;
    if (random(3) > 0) text += '\n';
  }
  return text.replaceAll('\n', newline);
}
