/** Where two texts differ: what stands before `start` and after the ends is in both. UTF-16 code units. */
export interface TextChange {
  readonly start: number;
  /** In the text before. */
  readonly endBefore: number;
  /** In the text after. */
  readonly endAfter: number;
}

/** Pieces of this length are compared as a whole first, which costs a tenth of what their characters do. */
const PIECE = 1024;

/** The shortest one stretch that holds every difference of the two texts; empty behind both where they are equal. */
export function changeBetween(before: string, after: string): TextChange {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start + PIECE <= shorter && before.slice(start, start + PIECE) === after.slice(start, start + PIECE))
    start += PIECE;
  while (start < shorter && before.charCodeAt(start) === after.charCodeAt(start)) start++;
  let endBefore = before.length;
  let endAfter = after.length;
  while (
    Math.min(endBefore, endAfter) - PIECE >= start &&
    before.slice(endBefore - PIECE, endBefore) === after.slice(endAfter - PIECE, endAfter)
  ) {
    endBefore -= PIECE;
    endAfter -= PIECE;
  }
  while (
    Math.min(endBefore, endAfter) > start &&
    before.charCodeAt(endBefore - 1) === after.charCodeAt(endAfter - 1)
  ) {
    endBefore--;
    endAfter--;
  }
  return { start, endBefore, endAfter };
}
