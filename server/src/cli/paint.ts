/** Select Graphic Rendition parameters (ECMA-48, 8.3.117) that turn a look on and off again. */
const looks = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  blue: [34, 39],
  cyan: [36, 39],
} as const;

export type Look = keyof typeof looks;

/** Gives text a look, or leaves it plain where there is no colour. */
export type Paint = (look: Look, text: string) => string;

export function paintFor(colour: boolean): Paint {
  if (!colour) return (_, text) => text;
  return (look, text) => {
    const [on, off] = looks[look];
    return `\x1b[${on}m${text}\x1b[${off}m`;
  };
}

/** Text of a file or a file's name, without what a terminal would act on or that turns its direction. */
export function printable(text: string): string {
  return text.replace(/[\0-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '\uFFFD');
}

const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;

/** How many columns a line of text takes in a terminal. */
export function columnsOf(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let columns = 0;
  for (const character of text) {
    if (!/[\p{M}\u200d]/u.test(character)) columns += wide.test(character) ? 2 : 1;
  }
  return columns;
}
