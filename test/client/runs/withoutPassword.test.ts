import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { withoutPassword } from '../../../client/src/runs/withoutPassword.ts';
import { parseConnectionString } from '../../../server/src/database/connectionString.ts';

describe('withoutPassword', () => {
  test.each([
    ['postgres://app:s3cret@db:5432/shop', 'postgres://app@db:5432/shop', 's3cret'],
    ['postgresql://app:p%40ss@db/shop?sslmode=require', 'postgresql://app@db/shop?sslmode=require', 'p@ss'],
    ['postgres://app@db/shop?password=a+b&sslmode=disable', 'postgres://app@db/shop?sslmode=disable', 'a b'],
    ['postgres://app@db/shop?sslmode=disable&password=x', 'postgres://app@db/shop?sslmode=disable', 'x'],
    ["host=db user=app password='it\\'s' dbname=shop", 'host=db user=app dbname=shop', "it's"],
    ['password=x host=db', 'host=db', 'x'],
  ])('%s', (given, text, password) => {
    const found = withoutPassword(given);
    expect({ ...found, text: found.text.replaceAll(/\s+/g, ' ') }).toEqual({ text, password });
  });

  test.each([
    'embedded',
    '${env:SHOP}',
    '',
    'postgres://db/shop',
    'postgres://app@db:5432/shop',
    'host=db user=app',
  ])('quiet: %s', (given) => {
    expect(withoutPassword(given)).toEqual({ text: given });
  });

  test('what is left names the same database, and the password is the one the server would have read', () => {
    const machine = { user: 'me', host: 'localhost' };
    const word = fc.stringMatching(/^[a-z][a-z0-9]{0,6}$/);
    const secret = fc
      .string({ minLength: 1, maxLength: 12, unit: 'grapheme-ascii' })
      .filter((s) => s.trim() === s);
    fc.assert(
      fc.property(word, word, secret, fc.boolean(), (user, database, password, asUrl) => {
        const quoted = password.replace(/[\\']/g, '\\$&');
        const given = asUrl
          ? `postgres://${user}:${encodeURIComponent(password)}@db/${database}`
          : `user=${user} password='${quoted}' host=db dbname=${database}`;
        const before = parseConnectionString(given, () => undefined, machine);
        const found = withoutPassword(given);
        const after = parseConnectionString(found.text, () => undefined, machine);
        expect(after.name).toEqual(before.name);
        expect(after.password).toBeUndefined();
        expect(found.password).toBe(before.password);
      }),
    );
  });
});
