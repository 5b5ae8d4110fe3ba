import { expect, test } from 'vitest';
import { rewritten } from './original.ts';

const orders = 'CREATE TABLE orders (id int PRIMARY KEY, note text NOT NULL);';
const down = 'SELECT 1;';
const renamed = 'ALTER TABLE orders RENAME note TO remark;';

test.each([
  [
    'rename-column',
    'a later statement changes the table',
    { given: orders, up: `${renamed}\nALTER TABLE orders ADD extra int;`, down },
    'later statements change orders',
  ],
  [
    'rename-column',
    'a publication holds the table',
    { given: `${orders}\nCREATE PUBLICATION p FOR TABLE orders;`, up: renamed, down },
    'the publication p holds orders',
  ],
  [
    'rename-table',
    'row security, before 15',
    {
      given: `${orders}\nALTER TABLE orders ENABLE ROW LEVEL SECURITY;`,
      up: 'ALTER TABLE orders RENAME TO o;',
      down,
    },
    'row security',
  ],
  [
    'rename-table',
    'a file outside a transaction',
    { given: orders, up: 'ALTER TABLE orders RENAME TO o;', down, noTransaction: true as const },
    'both want one transaction',
  ],
  [
    'drop-column',
    'a primary key',
    { given: orders, up: 'ALTER TABLE orders DROP id;', down },
    'part of the primary key',
  ],
  [
    'drop-column',
    'a table that the history does not show',
    { given: 'SELECT 1;', up: 'ALTER TABLE orders DROP note;', down: 'ALTER TABLE orders ADD note text;' },
    'the history does not show',
  ],
  [
    'drop-table',
    'what it needs goes in the same file',
    {
      given: `CREATE TYPE mood AS ENUM ('a');\nCREATE TABLE carts (m mood);`,
      up: 'DROP TABLE carts;\nDROP TYPE mood;',
      down: `CREATE TYPE mood AS ENUM ('a');\nCREATE TABLE carts (m mood);`,
    },
    'DROP TYPE mood',
  ],
])('%s is refused: %s', (rule, about, original, reason) => {
  const { applied, refusals } = rewritten({ about, ...original }, [rule]);
  expect(applied).toEqual([]);
  expect(refusals.join()).toContain(reason);
});
