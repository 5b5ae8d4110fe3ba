import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseConfig, ruleSpans } from '../../server/src/config/skeinConfig.ts';

/** The problems as `text under the span: message`. */
function problems(text: string): string[] {
  return parseConfig(text).problems.map(
    ({ span, message }) => `${text.slice(span.start, span.end)}: ${message}`,
  );
}

describe('parseConfig', () => {
  it('reads every key, with comments and trailing commas', () => {
    const text = `{
      // the server of production
      "postgresVersion": 16,
      "folders": [{ "path": "db/sql", "tool": "plain", "pairs": true },],
      "rules": { "not-idempotent": "off", "add-check": "error" }, /* two
      lines */
      "baseBranch": "trunk", "applied": "errors", "timeoutsFromRole": true, "forwardOnly": false,
      "protectedDatabases": ["prod \\u00e9"],
    }`;
    expect(parseConfig(text)).toEqual({
      problems: [],
      config: {
        postgresVersion: 16,
        folders: [{ path: 'db/sql', tool: 'plain', pairs: true }],
        rules: { 'not-idempotent': 'off', 'add-check': 'error' },
        baseBranch: 'trunk',
        applied: 'errors',
        timeoutsFromRole: true,
        forwardOnly: false,
        protectedDatabases: ['prod é'],
      },
    });
  });

  it.each(['{}', ' { } // nothing', '{"$schema": "./skein.schema.json"}'])(
    'finds nothing wrong in %s',
    (text) => {
      expect(parseConfig(text)).toEqual({ config: {}, problems: [] });
    },
  );

  it('names an unknown key and reads the others', () => {
    const text = '{"postgresVersion": 15, "rule": {}}';
    expect(problems(text)).toEqual([
      '"rule": "rule" is no key of skein.json; its keys are postgresVersion, folders, rules, baseBranch, applied, python, timeoutsFromRole, forwardOnly, protectedDatabases',
    ]);
    expect(parseConfig(text).config).toEqual({ postgresVersion: 15 });
  });

  it('says what a value should be, and leaves only that value out', () => {
    const text = `{"postgresVersion": 11, "rules": {"add-check": "fatal", "add-unique": "hint"},
      "folders": [{"path": "a"}, {"path": "b", "tool": "plain"}], "forwardOnly": "yes", "applied": null}`;
    expect(problems(text)).toEqual([
      '11: postgresVersion must be a whole number from 12 to 18',
      '"fatal": add-check must be one of "error", "warning", "information", "hint", "off"',
      '{"path": "a"}: folders[0] lacks the key "tool"',
      '"yes": forwardOnly must be true or false',
      'null: applied must be one of "full", "errors", "off"',
    ]);
    expect(parseConfig(text).config).toEqual({
      rules: { 'add-unique': 'hint' },
      folders: [{ path: 'b', tool: 'plain' }],
    });
  });

  it.each([
    ['', 'a value is expected here'],
    ['{"rules": {', 'a key in double quotes is expected here'],
    ['{"a" 1}', '":" is expected here'],
    ['{"a": 1 "b": 2}', '"," or "}" is expected here'],
    ['{"baseBranch": "x\n"}', 'this string is not closed'],
    ['{"baseBranch": "\\x"}', 'this string has an escape or a character that JSON does not allow'],
    ['{"postgresVersion": 0x10}', '"0x10" is no JSON value'],
    ['{} {}', 'nothing may follow the value'],
  ])('says where the text %j stops being JSON', (text, message) => {
    const parsed = parseConfig(text);
    expect(parsed.config).toEqual({});
    expect(parsed.problems.map((problem) => problem.message)).toEqual([message]);
  });

  it('refuses what is nested without end', () => {
    expect(parseConfig('['.repeat(100_000)).problems.map(({ message }) => message)).toEqual([
      'nested too deeply',
    ]);
  });

  it('rejects a root that is no object', () => {
    expect(problems('[]')).toEqual(['[]: skein.json must be an object']);
    expect(parseConfig('[]').config).toEqual({});
  });

  it('reads what JSON.stringify writes, and never throws', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(parseConfig(text).problems.some((problem) => problem.kind === 'syntax')).toBe(false);
      }),
    );
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'{}[],:"\\/* \n1truefalsn') }), (text) => {
        for (const { span } of parseConfig(text).problems) {
          expect(span.start).toBeLessThanOrEqual(span.end);
          expect(span.end).toBeLessThanOrEqual(text.length);
        }
      }),
    );
  });
});

describe('ruleSpans', () => {
  it('finds the place of each rule', () => {
    const text = '{"rules": {"add-check": "off", "x": 1}, "baseBranch": "m"}';
    const found = [...ruleSpans(text)].map(([id, span]) => [id, text.slice(span.start, span.end)]);
    expect(found).toEqual([
      ['add-check', '"add-check"'],
      ['x', '"x"'],
    ]);
  });

  it('finds none where there are none', () => {
    expect(ruleSpans('{"rules": []}').size).toBe(0);
    expect(ruleSpans('{').size).toBe(0);
  });
});
