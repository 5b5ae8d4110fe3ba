import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { documentationIn } from '../../server/src/languageServer/documentation.ts';

const page = join(import.meta.dirname, '../../docs/rules.md');

it('leads to the anchor of a rule in the page that is installed', () => {
  const address = new URL(documentationIn(page)('index-not-concurrent') ?? '');
  expect(address.protocol).toBe('file:');
  const text = readFileSync(fileURLToPath(new URL(address.pathname, address)), 'utf8');
  expect(text).toContain(`<a id="${address.hash.slice(1)}"></a>`);
});

it('leads nowhere where the page is not installed', () => {
  expect(documentationIn(join(import.meta.dirname, 'no-such.md'))('index-not-concurrent')).toBeUndefined();
});
