import { type GooseCommand, type GooseLine, gooseCommands, isCommentLine } from './gooseComments.ts';
import { goTrim } from './goStrings.ts';

/*
 * What a person most likely meant by a line that looks like an annotation and is none: goose refuses some of them
 * (`-- +goose Up now`) and takes others for comments without a word (`-- +GOOSE Down`).
 */

/** How an annotation is written. */
export function annotationText(command: GooseCommand): string {
  return `-- +goose ${command}`;
}

/** The command meant by a line that goose refuses; undefined when it reads like a comment that mentions goose. */
export function intendedCommand(line: string): GooseCommand | undefined {
  const [before = '', ...after] = line.split('+goose');
  if (/[\p{L}\p{N}]/u.test(before)) return undefined;
  return resembled(after.join(' '));
}

/** The command meant by a comment line that is an annotation but for its spelling: `-- goose Up`, `--+Goose: down`. */
export function ignoredCommand(line: string): GooseCommand | undefined {
  if (line.includes('+goose') || !isCommentLine(line)) return undefined;
  const words = /^-+\s*[+@]?\s*goose\s*:?\s*([A-Za-z]+(?:[ _-]+[A-Za-z]+)?)\s*-*$/i.exec(goTrim(line))?.[1];
  return words === undefined ? undefined : named(words);
}

/** The comments with what was meant by those that goose refuses. */
export function withIntentions(comments: readonly GooseLine[]): readonly GooseLine[] {
  return comments.map((line) => {
    if (line.annotation?.error === undefined) return line;
    return { ...line, annotation: { ...line.annotation, command: intendedCommand(line.text) } };
  });
}

/** The comments with those that look like annotations made into such; undefined when there are none. */
export function withIgnoredCommands(comments: readonly GooseLine[]): readonly GooseLine[] | undefined {
  const present = new Set(comments.map((line) => line.annotation?.command));
  let found = false;
  const changed = comments.map((line): GooseLine => {
    const command = line.annotation === undefined ? ignoredCommand(line.text) : undefined;
    // A header comment above the real annotation is no mistake.
    if (command === undefined || (present.has(command) && !command.startsWith('Statement'))) return line;
    found = true;
    return {
      ...line,
      annotation: { command, error: `goose takes this line for a comment: ${JSON.stringify(line.text)}` },
    };
  });
  return found ? changed : undefined;
}

/** The command that the words begin with, or nearly: "Up now", "Statment Begin". */
function resembled(text: string): GooseCommand | undefined {
  const words = text.match(/[\p{L}\p{N}]+/gu) ?? [];
  for (const count of [words.length, 2, 1]) {
    const command = named(words.slice(0, count).join(''));
    if (command !== undefined) return command;
  }
  return undefined;
}

/** Spellings apart from case, spaces and small slips. */
function named(words: string): GooseCommand | undefined {
  const squeezed = words.replace(/[^\p{L}\p{N}]+/gu, '').toLowerCase();
  const swapped = /^(begin|end)statement$/.exec(squeezed)?.[1];
  const plain = swapped === undefined ? squeezed : `statement${swapped}`;
  let best: { command: GooseCommand; slips: number } | undefined;
  for (const command of gooseCommands) {
    const right = command.replace(' ', '').toLowerCase();
    const slips = editDistance(plain, right);
    if (slips <= Math.floor(right.length / 4) && slips < (best?.slips ?? Number.POSITIVE_INFINITY)) {
      best = { command, slips };
    }
  }
  return best?.command;
}

/** Letters left out, put in, replaced, or swapped with their neighbour, to get from one word to the other. */
function editDistance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 3) return Number.POSITIVE_INFINITY;
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  const at = (i: number, j: number) => rows[i]?.[j] ?? Number.POSITIVE_INFINITY;
  for (let i = 1; i <= a.length; i++) {
    rows.push([i]);
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      const swap =
        a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? at(i - 2, j - 2) + 1 : Number.POSITIVE_INFINITY;
      rows[i]?.push(Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + same, swap));
    }
  }
  return at(a.length, b.length);
}
