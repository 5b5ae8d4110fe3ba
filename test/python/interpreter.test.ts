import { describe, expect, test } from 'vitest';
import { sentBy } from './listener.ts';

/** A file with this body of upgrade(). */
function upgrade(...lines: readonly string[]): string {
  return `def upgrade():\n${lines.map((line) => `    ${line}\n`).join('')}`;
}

describe('what runs for certain', () => {
  test.each([
    ['statements in order', upgrade('sent("a"); sent("b")'), ['a', 'b']],
    ['a loop over a tuple', upgrade('for t in ("a", "b"):', '    sent(t)'), ['a', 'b']],
    ['a loop over pairs', upgrade('for a, b in [("a", "b")]:', '    sent(a, b)'), ['a b']],
    [
      'a loop over a dictionary',
      upgrade('for k, v in {"a": 1, "b": 2}.items():', '    sent(k, v)'),
      ['a 1', 'b 2'],
    ],
    ['range and enumerate', upgrade('for i, t in enumerate(range(2)):', '    sent(i, t)'), ['0 0', '1 1']],
    ['zip', upgrade('for a, b in zip(["a", "c"], ["b", "d"]):', '    sent(a, b)'), ['a b', 'c d']],
    [
      'break and continue',
      upgrade(
        'for t in "a", "b", "c", "d":',
        '    if t == "b": continue',
        '    if t == "d": break',
        '    sent(t)',
      ),
      ['a', 'c'],
    ],
    [
      'a constant of the file',
      `NAMES = ["a"]\nNAMES += ["b"]\n${upgrade('for t in NAMES: sent(t)')}`,
      ['a', 'b'],
    ],
    ['a list that is filled', upgrade('names = []', 'names.append("a")', 'for t in names: sent(t)'), ['a']],
    ['a comprehension', upgrade('for t in [n + "s" for n in ("a", "b") if n != "b"]: sent(t)'), ['as']],
    [
      'a helper with defaults',
      `def help(a, b="x", *c, **d):\n    sent(a, b)\n${upgrade('help("a")', 'help(b="y", a="b")')}`,
      ['a x', 'b y'],
    ],
    ['what a helper gives', `def name(t):\n    return t + "_idx"\n${upgrade('sent(name("a"))')}`, ['a_idx']],
    ['a lambda', upgrade('f = lambda t: sent(t)', 'f("a")'), ['a']],
    [
      'the branch that holds',
      upgrade('if 1 == 2: sent("a")', 'elif not False: sent("b")', 'else: sent("c")'),
      ['b'],
    ],
    ['what stands before a return', upgrade('if True:', '    return', 'sent("a")'), []],
    [
      'conditions in part',
      upgrade('if unknown() and False: sent("a")', 'if unknown() or True: sent("b")'),
      ['b'],
    ],
    [
      'with and try',
      upgrade('with thing() as t:', '    sent("a")', 'try:', '    sent("b")', 'finally:', '    sent("c")'),
      ['a', 'b', 'c'],
    ],
    [
      'what stands after an exception that may be raised',
      upgrade('if unknown():', '    raise ValueError()', 'sent("a")'),
      ['a'],
    ],
    [
      'what stands before exceptions in all branches',
      upgrade('sent("a")', 'if unknown(): raise ValueError()', 'else: raise KeyError()', 'sent("b")'),
      ['a'],
    ],
    ['arguments from lists', upgrade('args = ["a", "b"]', 'sent(*args)'), ['a b']],
  ])('%s', (_, file, sent) => {
    expect(sentBy(file)).toEqual({ sent, guesses: 0 });
  });
});

describe('what may not run', () => {
  test.each([
    [
      'both sides of an unknown condition',
      upgrade('if unknown(): sent("a")', 'else: sent("b")', 'sent("c")'),
      ['?a', '?b', 'c'],
    ],
    ['all behind a return that may come', upgrade('if unknown(): return', 'sent("a")'), ['?a']],
    [
      'handlers',
      upgrade('try:', '    sent("a")', 'except Exception:', '    sent("b")', 'sent("c")'),
      ['a', '?b', 'c'],
    ],
    ['match', upgrade('match unknown():', '    case 1: sent("a")'), ['?a']],
    ['a helper under a condition', `def help():\n    sent("a")\n${upgrade('if unknown(): help()')}`, ['?a']],
  ])('%s', (_, file, sent) => {
    expect(sentBy(file)).toEqual({ sent, guesses: 0 });
  });

  test('what branches bind differently is not known behind them', () => {
    const file = upgrade('t = "a"', 'if unknown(): t = "b"', 'sent(t)');
    expect(sentBy(file).sent).toEqual(['…']);
  });
});

describe('what is gone through once, and said', () => {
  test.each([
    ['a loop over what is not known', upgrade('for t in unknown(): sent(t)'), ['?…']],
    ['while', upgrade('while unknown(): sent("a")'), ['?a']],
  ])('%s', (_, file, sent) => {
    expect(sentBy(file)).toEqual({ sent, guesses: 1 });
  });

  test('but not where nothing is done in it', () => {
    expect(sentBy(upgrade('for t in unknown(): print(t)')).guesses).toBe(0);
  });
});

test('recursion and huge loops end', () => {
  const file = `def again(n):\n    sent(n)\n    again(n)\n${upgrade('again(1)', 'for i in range(10 ** 9): sent(i)')}`;
  expect(sentBy(file).sent.length).toBeLessThan(100);
  const nested = upgrade(
    'for i in range(900):',
    '    for j in range(900):',
    '        for k in range(900): sent(k)',
  );
  expect(sentBy(nested).sent.length).toBeLessThanOrEqual(50_000);
});
