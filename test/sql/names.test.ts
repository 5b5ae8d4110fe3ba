import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { quoteLiteral, quoteName, quotePath } from '../../server/src/sql/names.ts';
import { loadParser, parseStatement } from '../../server/src/sql/parser.ts';

beforeAll(loadParser);

test('a name that needs no quotes gets none', () => {
  expect(['a', 'user_id', '_x$1', 'data', 'name', 'rule'].map(quoteName)).toEqual([
    'a',
    'user_id',
    '_x$1',
    'data',
    'name',
    'rule',
  ]);
});

test('all else is quoted', () => {
  expect(['User', 'a b', 'user', 'order', '1st', 'q"q', 'é', ''].map(quoteName)).toEqual([
    '"User"',
    '"a b"',
    '"user"',
    '"order"',
    '"1st"',
    '"q""q"',
    '"é"',
    '""',
  ]);
  expect(quotePath(undefined, 'Order', 'id')).toBe('"Order".id');
});

/** The column and the string that Postgres's parser sees. */
function readBack(name: string, value: string): unknown {
  const node = parseStatement(
    `ALTER TABLE t ALTER ${quoteName(name)} SET DEFAULT ${quoteLiteral(value)}`,
  ).node;
  const [command] = node !== undefined && 'AlterTableStmt' in node ? (node.AlterTableStmt.cmds ?? []) : [];
  if (command === undefined || !('AlterTableCmd' in command)) return undefined;
  const { def } = command.AlterTableCmd;
  const literal = def !== undefined && 'A_Const' in def ? (def.A_Const.sval?.sval ?? '') : undefined;
  return [command.AlterTableCmd.name, literal];
}

test('Postgres reads back what was quoted', () => {
  // Longer names are cut off at 63 bytes.
  const names = fc.oneof(
    fc.string({ minLength: 1, maxLength: 15, unit: 'grapheme-ascii' }),
    fc.constantFrom(...KEYWORDS),
  );
  fc.assert(
    fc.property(names, fc.string({ unit: 'grapheme' }), (name, value) => {
      const scrubbed = value.replaceAll('\0', '');
      expect(readBack(name, scrubbed)).toEqual([name, scrubbed]);
    }),
    { numRuns: 300 },
  );
});

const KEYWORDS = [
  'table',
  'between',
  'int',
  'left',
  'end',
  'grant',
  'concurrently',
  'system_user',
  'values',
  'select',
];
