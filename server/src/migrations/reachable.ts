/** `from` and all that can be reached from it by `next`, depth first. */
export function reachable<N>(from: Iterable<N>, next: (node: N) => readonly N[]): Set<N> {
  const reached = new Set<N>();
  const waiting = [...from].reverse();
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (reached.has(node)) continue;
    reached.add(node);
    waiting.push(...next(node));
  }
  return reached;
}
