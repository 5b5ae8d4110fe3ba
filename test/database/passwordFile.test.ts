import { expect, test } from 'vitest';
import { findPassword } from '../../server/src/database/passwordFile.ts';

const wanted = { host: 'h', port: 5432, database: 'd', user: 'u' };

test.each([
  ['h:5432:d:u:secret', 'secret'],
  ['*:*:*:*:any\nh:5432:d:u:later', 'any'],
  ['# h:5432:d:u:no\nother:5432:d:u:no\nh:*:d:u:yes\r\n', 'yes'],
  ['h:5432:d:u:a\\:b\\\\', 'a:b\\'],
])('%j', (text, password) => {
  expect(findPassword(text, wanted)).toBe(password);
});

test.each(['', 'h:5432:d', 'h:5433:d:u:x', 'H:5432:d:u:x'])('nothing in %j', (text) => {
  expect(findPassword(text, wanted)).toBeUndefined();
});

test('a socket is looked up as localhost', () => {
  expect(findPassword('localhost:*:*:*:x', { ...wanted, host: '/tmp' })).toBe('x');
});
