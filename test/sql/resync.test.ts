import { beforeAll, describe, expect, test } from 'vitest';
import { loadParser } from '../../server/src/sql/parser.ts';
import { readStatements } from '../../server/src/sql/reader.ts';
import { someFile } from './corpus.ts';
import { damage, SLIPS, seeded } from './damage.ts';

const SEED = Number(process.env.SKEIN_SEED ?? 20261121);
const FILES = 120;

beforeAll(loadParser);

/** What is read of `text`: each statement's own text, marked where it is broken. */
function read(text: string): string[] {
  return readStatements(text).statements.map((s) => (s.error === undefined ? '' : '! ') + s.parsed.text);
}

describe(`a broken statement hides no other (SKEIN_SEED=${SEED})`, () => {
  for (const [kind, slip] of Object.entries(SLIPS)) {
    test(kind, () => {
      const random = seeded(SEED);
      let others = 0;
      let intact = 0;
      let invented = 0;
      for (let i = 0; i < FILES; i++) {
        const text = someFile(12, random, i % 4 === 0 ? '\r\n' : '\n');
        // The last statement needs no semicolon, and nothing stands behind it to be hidden.
        const outcome = damage(text, random(11), slip, random);
        others += outcome?.others ?? 0;
        intact += outcome?.intact ?? 0;
        invented += outcome?.invented ?? 0;
      }
      console.log(`${kind}: ${intact} of ${others} others intact, ${invented} invented, seed ${SEED}`);
      expect(others).toBeGreaterThan(500);
      expect(intact / others).toBeGreaterThanOrEqual(0.99);
      expect(invented / FILES).toBeLessThanOrEqual(0.1);
    });
  }
});

describe('a broken statement is one statement', () => {
  test('a missing parenthesis', () => {
    expect(read('CREATE TABLE a (x int;\nCREATE TABLE b (x int);\n')).toEqual([
      '! CREATE TABLE a (x int',
      'CREATE TABLE b (x int)',
    ]);
  });

  test('a missing semicolon: both parse, and the first is told', () => {
    const { statements } = readStatements('ALTER TABLE a ADD x int\n\nDROP TABLE b;\n');
    expect(statements.map((s) => s.parsed.node !== undefined)).toEqual([true, true]);
    expect(statements[0]?.error).toEqual({ message: 'syntax error at or near "DROP"', offset: 23 });
    expect(statements[1]?.error).toBeUndefined();
  });

  test('a misspelt function with queries in its body', () => {
    const body = '$$\nBEGIN\n  DELETE FROM a;\n  UPDATE b SET x = 1;\n  INSERT INTO c VALUES (1);\nEND;\n$$';
    const text = `CREATE FUNCTON f() RETURNS void AS ${body} LANGUAGE plpgsql;\nDROP TABLE a;\n`;
    expect(read(text)).toHaveLength(2);
    expect(read(text)[1]).toBe('DROP TABLE a');
  });

  test('a function whose body is still being typed', () => {
    const text =
      'CREATE FUNCTION f() RETURNS void AS $$\nBEGIN\n  DELETE FROM a;\n  UPDATE b SET x = 1;\n\nDROP TABLE a;\n';
    const statements = read(text);
    expect(statements).toHaveLength(2);
    expect(statements[1]).toBe('DROP TABLE a');
  });

  test('a misspelt view, whose query stands on a line of its own', () => {
    expect(read('CREATE VEIW v AS\nSELECT 1;\nDROP TABLE a;')).toEqual([
      '! CREATE VEIW v AS\nSELECT 1',
      'DROP TABLE a',
    ]);
    expect(read('UPDAT a\nSET x = 1;\nDROP TABLE a;')).toEqual(['! UPDAT a\nSET x = 1', 'DROP TABLE a']);
    expect(read('INSRT INTO a\nSELECT 1;\nDROP TABLE a;')).toEqual([
      '! INSRT INTO a\nSELECT 1',
      'DROP TABLE a',
    ]);
  });

  test('a misspelt statement with a literal of several lines', () => {
    const text = "INSRT INTO a VALUES ('one;\nSELECT 1;\ntwo');\nDROP TABLE a;\n";
    expect(read(text)).toEqual(["! INSRT INTO a VALUES ('one;\nSELECT 1;\ntwo')", 'DROP TABLE a']);
  });

  test('two broken statements beside each other stay two', () => {
    const text = 'CREATE TABLE a (x int;\nCREATE TABLE b (x int;\nCREATE TABLE c (x int);\nSELECT 1;\n';
    expect(read(text).at(-1)).toBe('SELECT 1');
    expect(read(text)).toContain('CREATE TABLE c (x int)');
  });

  test('what parses is never cut, however it is laid out', () => {
    const text =
      "CREATE VIEW v AS\n\nSELECT 1;\nINSERT INTO a\n\nSELECT\n1;\nCOMMENT ON TABLE a IS 'x;\nDROP TABLE b;\n';";
    expect(readStatements(text).statements.map((s) => s.error)).toEqual([undefined, undefined, undefined]);
  });
});
