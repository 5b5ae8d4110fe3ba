import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ALL_RULES } from '../../server/src/rules/allRules.ts';
import { ruleDocumentation } from '../../server/src/rules/ruleDocumentation.ts';

const written = readFileSync(join(import.meta.dirname, '../../docs/rules.md'), 'utf8');

test('docs/rules.md is what the rules say: else run npm run docs', () => {
  expect(written === ruleDocumentation(ALL_RULES)).toBe(true);
});

test('every rule has its id as an anchor, once', () => {
  const anchors = [...written.matchAll(/<a id="([^"]*)"><\/a>/g)].map(([, id]) => id);
  expect(anchors.toSorted()).toEqual(ALL_RULES.map(({ id }) => id).toSorted());
});

test('what the documentation links to is in it', () => {
  const links = [...written.matchAll(/\]\(#([^)]*)\)/g)].map(([, id]) => id);
  expect(links.length).toBe(ALL_RULES.length);
  for (const id of links) expect(written).toContain(`<a id="${id}"></a>`);
});

test('ids are words with dashes, each once', () => {
  const ids = ALL_RULES.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) expect(id).toMatch(/^[a-z]+(-[a-z]+)*$/);
});
