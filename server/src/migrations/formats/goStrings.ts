/**
 * What Go's standard library takes for white space and how it quotes: goose's line machine and its messages follow
 * Go's rules, which differ from JavaScript's (U+FEFF is no space in Go, U+0085 is).
 */

/** Go's unicode.IsSpace, also what bufio.ScanWords splits at. Takes a UTF-16 code unit. */
export function isGoSpace(code: number): boolean {
  if (code < 0x80) return code === 0x20 || (code >= 0x09 && code <= 0x0d);
  if (code < 0x2000) return code === 0x85 || code === 0xa0 || code === 0x1680;
  return (
    code <= 0x200a ||
    code === 0x2028 ||
    code === 0x2029 ||
    code === 0x202f ||
    code === 0x205f ||
    code === 0x3000
  );
}

/** Offset of the first character of `text` between `from` and `to` that Go does not trim; `to` if there is none. */
export function skipGoSpace(text: string, from = 0, to = text.length): number {
  let at = from;
  while (at < to && isGoSpace(text.charCodeAt(at))) at++;
  return at;
}

/** Offset after the last character of `text` between `from` and `to` that Go does not trim; `from` if there is none. */
export function endOfGoText(text: string, from = 0, to = text.length): number {
  let at = to;
  while (at > from && isGoSpace(text.charCodeAt(at - 1))) at--;
  return at;
}

/** strings.TrimSpace */
export function goTrim(text: string): string {
  const start = skipGoSpace(text);
  return start === text.length ? '' : text.slice(start, endOfGoText(text));
}

const escapes: ReadonlyMap<string, string> = new Map([
  ['"', '\\"'],
  ['\\', '\\\\'],
  ['\x07', '\\a'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\v', '\\v'],
]);

/** strconv.Quote, what fmt's %q prints. */
export function goQuote(text: string): string {
  let quoted = '"';
  for (const character of text.replace(/\p{Surrogate}/gu, '\ufffd')) {
    quoted += escapes.get(character) ?? (isPrintable(character) ? character : escapeCodePoint(character));
  }
  return `${quoted}"`;
}

/** unicode.IsPrint: letters, marks, numbers, punctuation, symbols and the ASCII space. */
function isPrintable(character: string): boolean {
  return /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u.test(character);
}

function escapeCodePoint(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  if (code < 0x20 || code === 0x7f) return `\\x${hex.padStart(2, '0')}`;
  return code < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}

const int64Min = -(2n ** 63n);
const int64Max = 2n ** 63n - 1n;

/** strconv.Atoi and ParseInt(…, 10, 64), `name` being the one that its error names. */
export function goParseInt(text: string, name: 'Atoi' | 'ParseInt'): bigint | { readonly error: string } {
  const failed = (why: string) => ({ error: `strconv.${name}: parsing ${goQuote(text)}: ${why}` });
  if (!/^[+-]?[0-9]+$/.test(text)) return failed('invalid syntax');
  const value = BigInt(text.replace(/^\+/, ''));
  return value < int64Min || value > int64Max ? failed('value out of range') : value;
}
