import { expect, test } from 'vitest';
import { BoundedCache } from '../../server/src/sql/boundedCache.ts';
import { heapInUse } from '../garbage.ts';

const names = Array.from({ length: 20 }, (_, i) => `a statement that is remembered ${i}`);

test('what has not been asked for is forgotten when room is needed, the rest stays', () => {
  const cache = new BoundedCache<number>(100);
  for (const [i, name] of names.entries()) {
    cache.set(name, i, 10);
    expect(cache.get(names[0] ?? '')).toBe(0);
  }
  const known = names.filter((name) => cache.get(name) !== undefined);
  expect(known).toContain(names.at(-1));
  expect(known.length * 10).toBeGreaterThanOrEqual(50);
  expect(known.length * 10).toBeLessThanOrEqual(100);
});

test('a text that is set again counts once', () => {
  const cache = new BoundedCache<number>(100);
  cache.set('first', 1, 10);
  for (let i = 0; i < 50; i++) cache.set('second', i, 30);
  expect([cache.get('first'), cache.get('second')]).toEqual([1, 49]);
});

/** V8 keeps the whole text alive for a piece of it. */
test('the texts that it is asked with are not kept', () => {
  const cache = new BoundedCache<number>(1000);
  for (const [i, name] of names.entries()) cache.set(name, i, 1);
  // With this one the others are old: who is asked for moves.
  cache.set('long', -1, 600);
  const before = heapInUse();
  const size = 1_000_000;
  const found = names.map((name) => {
    const document = 'x'.repeat(size).concat(name).split('').join('');
    return cache.get(document.slice(size));
  });
  expect(found).toEqual(names.map((_, i) => i));
  expect(heapInUse() - before).toBeLessThan((names.length * size) / 4);
});
