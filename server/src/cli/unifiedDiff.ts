import { paintFor } from './paint.ts';

interface Line {
  readonly mark: ' ' | '-' | '+';
  readonly text: string;
}

/** Lines of context around a change, as diff -u has them. */
const context = 3;

/** Above this product of changed lines, one block replaces the other: a table over all pairs would take too long. */
const largestTable = 4_000_000;

/** The change from `before` to `after` as `patch` and `git apply` read it; empty when there is none. */
export function unifiedDiff(path: string, before: string, after: string): string {
  if (before === after) return '';
  const lines = compare(splitLines(before), splitLines(after));
  const [from, to] = path.startsWith('/') ? [path, path] : [`a/${path}`, `b/${path}`];
  return `--- ${from}\n+++ ${to}\n${hunks(lines).join('')}`;
}

function splitLines(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function compare(before: readonly string[], after: readonly string[]): Line[] {
  let head = 0;
  while (head < before.length && head < after.length && before[head] === after[head]) head++;
  let tail = 0;
  const most = Math.min(before.length, after.length) - head;
  while (tail < most && before.at(-1 - tail) === after.at(-1 - tail)) tail++;
  const same = (lines: readonly string[]): Line[] => lines.map((text) => ({ mark: ' ', text }));
  return [
    ...same(before.slice(0, head)),
    ...compareMiddle(before.slice(head, before.length - tail), after.slice(head, after.length - tail)),
    ...same(before.slice(before.length - tail)),
  ];
}

/** By the longest common subsequence. */
function compareMiddle(before: readonly string[], after: readonly string[]): Line[] {
  const width = after.length + 1;
  const removed = (lines: readonly string[]): Line[] => lines.map((text) => ({ mark: '-', text }));
  const added = (lines: readonly string[]): Line[] => lines.map((text) => ({ mark: '+', text }));
  if (before.length * after.length > largestTable) return [...removed(before), ...added(after)];
  // common[i * width + j]: length of the longest common subsequence of before[i…] and after[j…].
  const common = new Uint32Array((before.length + 1) * width);
  const at = (i: number, j: number) => common[i * width + j] ?? 0;
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      common[i * width + j] =
        before[i] === after[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const lines: Line[] = [];
  let i = 0;
  let j = 0;
  while (i < before.length && j < after.length) {
    const text = before[i] ?? '';
    if (text === after[j]) {
      lines.push({ mark: ' ', text });
      i++;
      j++;
    } else if (at(i + 1, j) >= at(i, j + 1)) lines.push(...removed([before[i++] ?? '']));
    else lines.push(...added([after[j++] ?? '']));
  }
  return [...lines, ...removed(before.slice(i)), ...added(after.slice(j))];
}

function hunks(lines: readonly Line[]): string[] {
  const result: string[] = [];
  let oldLine = 1;
  let newLine = 1;
  let at = 0;
  while (at < lines.length) {
    const first = lines.findIndex((line, index) => index >= at && line.mark !== ' ');
    if (first < 0) break;
    const start = Math.max(at, first - context);
    // The hunk goes on until more lines are the same than two contexts can hold.
    let end = first + 1;
    for (let index = end; index < lines.length && index <= end + 2 * context; index++) {
      if (lines[index]?.mark !== ' ') end = index + 1;
    }
    end = Math.min(end + context, lines.length);
    oldLine += start - at;
    newLine += start - at;
    const hunk = lines.slice(start, end);
    const oldCount = hunk.filter((line) => line.mark !== '+').length;
    const newCount = hunk.filter((line) => line.mark !== '-').length;
    result.push(
      `@@ -${range(oldLine, oldCount)} +${range(newLine, newCount)} @@\n${hunk.map(printed).join('')}`,
    );
    oldLine += oldCount;
    newLine += newCount;
    at = end;
  }
  return result;
}

/** An empty side names the line before it. */
function range(line: number, count: number): string {
  const start = count === 0 ? line - 1 : line;
  return count === 1 ? String(start) : `${start},${count}`;
}

function printed({ mark, text }: Line): string {
  return text.endsWith('\n') ? mark + text : `${mark}${text}\n\\ No newline at end of file\n`;
}

/** A diff in colours. */
export function paintDiff(diff: string, colour: boolean): string {
  if (!colour) return diff;
  const paint = paintFor(true);
  return diff.replace(/^.+$/gm, (line) => {
    if (/^(---|\+\+\+) /.test(line)) return paint('bold', line);
    if (line.startsWith('@@')) return paint('cyan', line);
    if (line.startsWith('-')) return paint('red', line);
    return line.startsWith('+') ? paint('green', line) : line;
  });
}
