import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { applyEdits, combinedEdits } from '../../server/src/migrations/edits.ts';
import { spanInDocument } from '../../server/src/python/mappedText.ts';
import { ParsedPython } from '../../server/src/python/parsePython.ts';
import { stringEdits } from '../../server/src/python/writtenString.ts';
import { valueOfX } from './listener.ts';

/** The text of `x`, and for each of its characters what of the file stands for it. */
function mapped(file: string): { readonly text: string; readonly origins: readonly string[] } {
  const value = valueOfX(file);
  if (value?.kind !== 'string') throw new Error('x is no string');
  const { text } = value.text;
  const origins = [...text].map((_, i) => {
    const span = spanInDocument(value.text, { start: i, end: i + 1 });
    return span === undefined ? '' : file.slice(span.start, span.end);
  });
  return { text, origins };
}

describe('a literal says, and each character stands', () => {
  test.each([
    ['plain', 'x = "ab"', 'ab', ['a', 'b']],
    ['escaped', String.raw`x = 'a\n\x41é\'\q'`, "a\nAé'\\q", ['a', '\\n', '\\x41', 'é', "\\'", '\\', 'q']],
    ['raw', String.raw`x = r'a\n'`, 'a\\n', ['a', '\\', 'n']],
    ['in three quotes', 'x = """a\n"b"\n"""', 'a\n"b"\n', ['a', '\n', '"', 'b', '"', '\n']],
    ['with Windows line ends', 'x = """a\r\nb"""', 'a\nb', ['a', '\r\n', 'b']],
    ['over two lines', 'x = "a\\\nb"', 'ab', ['a', 'b']],
    ['one behind the other', `x = ("a" 'b'\n     r"c")`, 'abc', ['a', 'b', 'c']],
    ['with doubled braces', 'x = f"{{a}}"', '{a}', ['{{', 'a', '}}']],
  ])('%s', (_, file, text, origins) => {
    const found = mapped(file);
    expect(found.text).toBe(text);
    expect(found.origins).toEqual(origins);
  });

  test('characters outside the basic plane keep the places behind them', () => {
    const file = 'x = "😀a"';
    const value = valueOfX(file);
    if (value?.kind !== 'string') throw new Error('x is no string');
    expect(spanInDocument(value.text, { start: 2, end: 3 })).toEqual({ start: 7, end: 8 });
  });
});

describe('what is put into a string', () => {
  const constants = 't = "users"\nn = 3\n';
  test.each([
    ['an f-string', 'x = f"a {t}.{n}"', 'a users.3'],
    ['%s', 'x = "a %s.%d" % (t, n)', 'a users.3'],
    ['%(name)s', 'x = "a %(k)s 100%%" % {"k": t}', 'a users 100%'],
    ['format', 'x = "a {}.{k} {{}}".format(t, k=n)', 'a users.3 {}'],
    ['numbered fields', 'x = "{1} {0}".format(t, n)', '3 users'],
    ['a sum', 'x = "a " + t + ";"', 'a users;'],
    ['join', 'x = ", ".join(["a", t])', 'a, users'],
    ['replace', 'x = "DROP TABLE X".replace("X", t)', 'DROP TABLE users'],
  ])('%s', (_, line, text) => {
    expect(mapped(constants + line).text).toBe(text);
  });

  test('a name stands at the place where it is put in, not where it was given its value', () => {
    const { text, origins } = mapped('t = "users"\nx = f"DROP TABLE {t};"');
    expect(origins[text.indexOf('users')]).toBe('{t}');
  });

  test.each([
    ['an f-string', 'x = f"a {unknown()} b"', 'a {_________} b'],
    ['a format', 'x = f"a {t:>10} b"', 'a {_____} b'],
    ['%s', 'x = "a %s b" % unknown', 'a {_} b'],
    ['format', 'x = "a {name} b".format(name=unknown)', 'a {____} b'],
  ])(
    'what is not known leaves a placeholder of the same length where that is possible: %s',
    (_, line, text) => {
      expect(mapped(constants + line).text).toBe(text);
    },
  );
});

test('the place of any character of any literal without escapes is the character itself', () => {
  const plain = fc.string({ unit: fc.constantFrom('a', ' ', '{', '%', 'é', '"', '\n', '#') });
  fc.assert(
    fc.property(plain, (content) => {
      const text = content.replace(/"+$/, '').replaceAll('"""', '');
      const { text: read, origins } = mapped(`x = """${text}"""`);
      expect(read).toBe(text);
      expect(origins).toEqual([...text]);
    }),
  );
});

describe('a string that says something else', () => {
  /** The file after the part `was` of what `x` says has become `now`. */
  function edited(file: string, was: string, now: string): string | undefined {
    const value = valueOfX(file);
    if (value?.kind !== 'string') throw new Error('x is no string');
    const start = value.text.text.indexOf(was);
    const edits = stringEdits(ParsedPython.of(file), value.text, { start, end: start + was.length }, now);
    return edits && applyEdits(file, combinedEdits(edits, file));
  }

  test.each([
    ['on one line', 'x = "ab"', 'b', 'c"', 'x = "ac\\""'],
    ['over several lines', 'x = "ab"', 'b', '\nc', 'x = """a\nc"""'],
    ['in the quotes that it had', "x = 'ab'", 'b', "\n'c'", "x = '''a\n'c\\''''"],
    ['from its first character to its last', 'x = "ab"', 'ab', 'c\nd', 'x = """c\nd"""'],
    ['beside what stays escaped', String.raw`x = "\t\"ab"`, 'b', '\n', 'x = """\\t\\"a\n"""'],
    ['raw', String.raw`x = r"\d b"`, 'b', '\n', 'x = r"""\\d \n"""'],
    ['raw, with a quote that cannot be said so', 'x = r"ab"', 'b', '"\n', undefined],
    ['with fields', 't = "u"\nx = f"{t} b"', 'b', '{}\n', 't = "u"\nx = f"""{t} {{}}\n"""'],
    ['in the second of two literals', `x = "a" 'b'`, 'b', '\nc', `x = "a" '''\nc'''`],
    ['where it has lines already', 'x = """a\nb"""', 'b', '\nc"', 'x = """a\n\nc\\""""'],
  ])('%s', (_, file, was, now, expected) => {
    const after = edited(file, was, now);
    expect(after).toBe(expected);
    if (after !== undefined) expect(mapped(after).text).toBe(mapped(file).text.replace(was, () => now));
  });
});
