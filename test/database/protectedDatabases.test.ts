import { expect, test } from 'vitest';
import { serverName } from '../../server/src/database/databaseName.ts';
import { isProtected } from '../../server/src/database/protectedDatabases.ts';

const shop = serverName('db.prod.example.com', 5433, 'shop', 'app');

test.each([
  'db.prod.example.com/shop',
  '*.prod.example.com/*',
  '*.PROD.*/shop',
  'db.prod.example.com:5433/shop',
  'shop',
  'sh*',
  '*prod*',
  '*',
])('protects: %s', (pattern) => {
  expect(isProtected(shop, ['nothing', pattern])).toBe(true);
});

test.each([
  'db.prod.example.com/other',
  'dbxprod.example.com/*',
  'sho',
  'hop',
  'db.prod.example.com:5432/*',
  '',
])('does not: %s', (pattern) => {
  expect(isProtected(shop, [pattern])).toBe(false);
});

test('sockets are named by their directory', () => {
  const local = serverName('/var/run/postgresql', 5432, 'shop', 'app');
  expect(isProtected(local, ['/var/run/postgresql'])).toBe(true);
  expect(isProtected(local, ['*/shop'])).toBe(true);
});

test('the embedded one is never protected', () => {
  expect(isProtected({ ...shop, kind: 'embedded' }, ['*'])).toBe(false);
});
