/**
 * The border between Postgres's offsets and ours. Inside libpg-query's trees places are UTF-8 bytes, in its errors
 * code points; everywhere else in Skein they are UTF-16 code units.
 */

const NON_ASCII = /[^\x00-\x7f]/;
const UNFIT = /\0|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** `text` without what cannot be handed to the parser (NUL would end it silently; lone surrogates), at equal length. */
export function wellFormed(text: string): string {
  return text.replace(UNFIT, '\ufffd');
}

/** The UTF-16 offset of the code point number `codePoints`. */
export function codePointOffset(text: string, codePoints: number): number {
  if (!NON_ASCII.test(text)) return Math.min(codePoints, text.length);
  let at = 0;
  for (let left = codePoints; left > 0 && at < text.length; left--) at += isHighSurrogate(text, at) ? 2 : 1;
  return at;
}

function isHighSurrogate(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 0xd800 && code <= 0xdbff;
}

/** From UTF-8 byte offsets to UTF-16 ones, for the places in `text`; undefined when they are the same. */
export function byteOffsets(text: string): ((byte: number) => number) | undefined {
  if (!NON_ASCII.test(text)) return undefined;
  const units = new Uint32Array(text.length * 3 + 1);
  let byte = 0;
  for (let at = 0; at < text.length; ) {
    const code = text.codePointAt(at) ?? 0;
    const bytes = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    units.fill(at, byte, byte + bytes);
    byte += bytes;
    at += bytes === 4 ? 2 : 1;
  }
  units[byte] = text.length;
  const last = byte;
  return (offset) => units[Math.min(Math.max(offset, 0), last)] ?? text.length;
}

/** The fields of a parse tree that hold places in the text (pg_query.proto: all of type ParseLoc). -1 is "unknown". */
export const PLACES: ReadonlySet<string> = new Set([
  'location',
  'name_location',
  'list_start',
  'list_end',
  'rexpr_list_start',
  'rexpr_list_end',
  'stmt_location',
]);

/** Rewrites all places in a fresh tree of `sql`, in it, from bytes to UTF-16 code units. */
export function convertLocations(tree: object, sql: string): void {
  const toUtf16 = byteOffsets(sql);
  if (toUtf16 === undefined) return;
  const open: object[] = [tree];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    const fields = node as Record<string, unknown>;
    for (const [key, value] of Object.entries(fields)) {
      if (typeof value === 'object' && value !== null) open.push(value);
      else if (typeof value === 'number' && value > 0 && PLACES.has(key)) fields[key] = toUtf16(value);
    }
  }
}
