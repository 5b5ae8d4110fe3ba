import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PersistentMap } from '../../server/src/catalog/persistentMap.ts';
import { seed } from '../randomSeed.ts';

const key = fc.nat(19).map((i) => `public\u0000item_${i}`);
const change = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('set' as const), key, value: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete' as const), key }) },
);
/** Maps of few keys and of many are held in two ways: both come about. */
const changes = fc.array(change, { maxLength: 40, size: 'max' });

interface Version {
  readonly map: PersistentMap<number>;
  readonly model: ReadonlyMap<string, number>;
}

function versionsOf(
  changes: readonly ({ kind: 'set'; key: string; value: number } | { kind: 'delete'; key: string })[],
) {
  const versions: Version[] = [{ map: PersistentMap.empty(), model: new Map() }];
  for (const each of changes) {
    const { map, model } = versions.at(-1) ?? { map: PersistentMap.empty<number>(), model: new Map() };
    const next = new Map(model);
    if (each.kind === 'set') next.set(each.key, each.value);
    else next.delete(each.key);
    versions.push({
      map: each.kind === 'set' ? map.set(each.key, each.value) : map.delete(each.key),
      model: next,
    });
  }
  return versions;
}

test('each version holds what was set in it, whatever is changed later', () => {
  fc.assert(
    fc.property(changes, (made) => {
      for (const { map, model } of versionsOf(made)) {
        expect(map.size).toBe(model.size);
        expect(new Map(map.entries())).toEqual(model);
        for (let i = 0; i < 20; i++) {
          const name = `public\u0000item_${i}`;
          expect([map.has(name), map.get(name)]).toEqual([model.has(name), model.get(name)]);
        }
      }
    }),
    { seed: seed() },
  );
});

test('two versions are compared by what they hold, however they came to it', () => {
  fc.assert(
    fc.property(changes, changes, (some, others) => {
      const one = versionsOf(some);
      for (const { map, model } of [...versionsOf(others), ...one]) {
        const { map: last, model: held } = one.at(-1) ?? { map, model };
        const keys = new Set([...model.keys(), ...held.keys()]);
        const different = [...keys].filter((each) => model.get(each) !== held.get(each));
        expect(map.differences(last)).toEqual(new Set(different));
        expect(map.equals(last, (a, b) => a === b)).toBe(different.length === 0);
      }
    }),
    { seed: seed() },
  );
});

test('what changes nothing gives the same map', () => {
  const few = PersistentMap.empty<number>().set('a', 1);
  const many = Array.from({ length: 20 }, (_, i) => `${i}`).reduce((map, each) => map.set(each, 1), few);
  for (const map of [few, many]) {
    expect(map.set('a', 1)).toBe(map);
    expect(map.delete('b')).toBe(map);
    expect(map.set('a', 2)).not.toBe(map);
  }
});

test('a map that held many entries once is the same as one that never did', () => {
  const few = PersistentMap.empty<number>().set('a', 1).set('b', 2);
  const names = Array.from({ length: 20 }, (_, i) => `${i}`);
  const many = names.reduce((map, each) => map.set(each, 1), few);
  const again = names.reduce((map, each) => map.delete(each), many);
  expect(many.size).toBe(22);
  for (const [one, other] of [
    [few, again],
    [again, few],
  ] as const) {
    expect(one.equals(other, (a, b) => a === b)).toBe(true);
    expect(one.equals(other.set('b', 3), (a, b) => a === b)).toBe(false);
    expect(one.differences(other.set('b', 3))).toEqual(new Set(['b']));
  }
});
