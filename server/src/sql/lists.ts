/** The number of the first item, of a list in order, of which `isBehind` is true; the list's length where none is. */
export function firstFrom<Item>(items: readonly Item[], isBehind: (item: Item) => boolean): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const item = items[middle];
    if (item !== undefined && isBehind(item)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** How many items two lists have in common at their beginning. */
export function commonStart<Item>(some: readonly Item[], others: readonly Item[]): number {
  const most = Math.min(some.length, others.length);
  let same = 0;
  while (same < most && some[same] === others[same]) same++;
  return same;
}

/** How many items two lists have in common at their end, behind the first `start` of either. */
export function commonEnd<Item>(some: readonly Item[], others: readonly Item[], start = 0): number {
  const most = Math.min(some.length, others.length) - start;
  let same = 0;
  while (same < most && some[some.length - 1 - same] === others[others.length - 1 - same]) same++;
  return same;
}
