import { beforeAll, describe, expect, test } from 'vitest';
import { loadParser } from '../../server/src/sql/parser.ts';
import { analysisOf, exampleFiles } from './exampleHistory.ts';

beforeAll(loadParser);

/** The findings in the last file: rule, severity and the text they are about. */
function findings(...files: readonly string[]) {
  const all = exampleFiles({ files });
  const last = all.at(-1);
  return analysisOf(all)
    .findings(last?.path ?? '')
    .map(({ rule, severity, span, why }) => ({
      rule,
      severity,
      text: last?.text.slice(span.start, span.end) ?? '',
      why,
    }));
}

function of(rule: string, ...files: readonly string[]) {
  return findings(...files).filter((each) => each.rule === rule);
}

test('change-column-type, of a type that only a program knows', () => {
  const [first, ...others] = of(
    'change-column-type',
    'CREATE TABLE o (a text);',
    'ALTER TABLE o ALTER a TYPE {{ state }};',
  );
  expect([first?.severity, others]).toEqual(['information', []]);
});

test('a name that only a program knows is no row of underscores', () => {
  const all = exampleFiles({ files: ['DROP TABLE shop.{{ table }};'] });
  const messages = all.flatMap(({ path }) => analysisOf(all).findings(path)).map(({ message }) => message);
  expect(messages.filter((each) => each.includes('shop.…')).length).toBeGreaterThan(0);
  expect(messages.filter((each) => each.includes('__'))).toEqual([]);
});

describe('rules that speak once per script', () => {
  const file =
    '-- +goose Up\nALTER TABLE a ADD x int;\nALTER TABLE b ADD x int;\nUPDATE a SET x = 1;\nDELETE FROM b;\n';

  test('missing-lock-timeout, at the first statement, naming the others', () => {
    const [first, ...others] = of('missing-lock-timeout', file);
    expect(others).toEqual([]);
    expect(first?.text).toBe('ALTER TABLE');
    expect(first?.why).toContain('The same is true of ALTER TABLE b.');
  });

  test('lock-held-during-slow-work, at the first slow statement, naming the others', () => {
    const [first, ...others] = of('lock-held-during-slow-work', file);
    expect(others).toEqual([]);
    expect(first?.text).toBe('UPDATE a');
    expect(first?.why).toContain('The same is true of DELETE FROM b.');
  });

  test('but in each direction of its own: a down is left alone', () => {
    const both = `${file}-- +goose Down\nALTER TABLE a DROP x;\nUPDATE b SET x = 1;\n`;
    expect(of('missing-lock-timeout', both)).toHaveLength(1);
    expect(of('lock-held-during-slow-work', both)).toHaveLength(1);
  });
});

describe('one change is asked for once', () => {
  test('an index that is to be built CONCURRENTLY does not also hold up a lock', () => {
    const rules = findings('-- +goose Up\nALTER TABLE a ADD x int;\nCREATE INDEX i ON a (x);\n').map(
      ({ rule }) => rule,
    );
    expect(rules).toContain('index-not-concurrent');
    expect(rules).not.toContain('lock-held-during-slow-work');
  });

  test('VALIDATE right after NOT VALID is only told to move', () => {
    const rules = findings(
      '-- +goose Up\nALTER TABLE a ADD CONSTRAINT c CHECK (x > 0) NOT VALID;\nALTER TABLE a VALIDATE CONSTRAINT c;\n',
    ).map(({ rule }) => rule);
    expect(rules).toContain('validate-in-same-transaction');
    expect(rules).not.toContain('lock-held-during-slow-work');
    expect(rules).not.toContain('add-check');
  });

  test('a DO block that commits is told so by one rule', () => {
    const rules = findings('BEGIN;\nDO $$ BEGIN COMMIT; END $$;\nCOMMIT;').map(({ rule }) => rule);
    expect(rules).toContain('statement-refused');
    expect(rules).not.toContain('concurrently-in-transaction');
  });
});

describe('change-column-type', () => {
  const change = 'ALTER TABLE o ALTER a TYPE bigint;';

  test('is a warning where the history shows the old type', () => {
    expect(of('change-column-type', 'CREATE TABLE o (a int);', change)[0]?.severity).toBe('warning');
  });

  test('is information where it does not', () => {
    expect(of('change-column-type', change)[0]?.severity).toBe('information');
  });

  test('is a warning whatever the old type, where USING computes the new value', () => {
    const using = 'ALTER TABLE o ALTER a TYPE bigint USING length(a);';
    expect(of('change-column-type', using)[0]?.severity).toBe('warning');
  });
});

test('drop-index-not-concurrent, before the drop of its table: that may not come', () => {
  const before = 'CREATE TABLE orders (code text);\nCREATE INDEX orders_code_idx ON orders (code);';
  const drop = 'DROP INDEX orders_code_idx;';
  const rule = 'drop-index-not-concurrent';
  expect(of(rule, before, `${drop}\nDROP TABLE orders;`)).toEqual([]);
  expect(
    of(rule, before, `${drop}\nDO $$ BEGIN IF now() > now() THEN DROP TABLE orders; END IF; END $$;`),
  ).toHaveLength(1);
  expect(of(rule, before, `DROP TABLE IF EXISTS carts;\n${drop}`)).toHaveLength(1);
});
