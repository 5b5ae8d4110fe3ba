import type { Span } from '../sql/span.ts';

/** A place in a text as editors name it: both from 0, `character` in UTF-16 code units. */
export interface Position {
  readonly line: number;
  readonly character: number;
}

/** Where the lines of a text start. Lines end at \n, \r\n or \r, as in the Language Server Protocol. */
export class LineIndex {
  readonly text: string;
  private readonly starts: readonly number[];
  /** The line of the last position that was asked for: most ask for the next one in the same line, or the next. */
  private found = 0;

  constructor(text: string) {
    this.text = text;
    const starts = [0];
    if (text.includes('\r')) {
      const lineEnd = /\r\n?|\n/g;
      while (lineEnd.exec(text)) starts.push(lineEnd.lastIndex);
    } else {
      for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
    }
    this.starts = starts;
  }

  get lineCount(): number {
    return this.starts.length;
  }

  /** The position of an offset in UTF-16 code units; offsets outside the text count as its nearest end. */
  position(offset: number): Position {
    const inside = Math.max(0, Math.min(offset, this.text.length));
    if (!this.isIn(this.found, inside))
      this.found = this.isIn(this.found + 1, inside) ? this.found + 1 : this.lineAt(inside);
    return { line: this.found, character: inside - this.startOf(this.found) };
  }

  private lineAt(offset: number): number {
    let low = 0;
    let high = this.starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.startOf(middle) <= offset) low = middle;
      else high = middle;
    }
    return low;
  }

  private isIn(line: number, offset: number): boolean {
    const start = this.starts[line];
    return (
      start !== undefined && start <= offset && offset < (this.starts[line + 1] ?? Number.POSITIVE_INFINITY)
    );
  }

  /** The offset of a position, in UTF-16 code units; a position past its line's end counts as that end. */
  offset(position: Position): number {
    if (position.line < 0) return 0;
    if (position.line >= this.starts.length) return this.text.length;
    const { start, end } = this.line(position.line);
    return Math.min(start + Math.max(0, position.character), end);
  }

  range(span: Span): { readonly start: Position; readonly end: Position } {
    return { start: this.position(span.start), end: this.position(span.end) };
  }

  /** Where a line stands, without its line end. */
  line(line: number): Span {
    const start = this.startOf(line);
    let end = this.startOf(line + 1);
    if (end > start && this.text[end - 1] === '\n' && line + 1 < this.starts.length) end--;
    if (end > start && this.text[end - 1] === '\r' && line + 1 < this.starts.length) end--;
    return { start, end };
  }

  private startOf(line: number): number {
    return this.starts[line] ?? this.text.length;
  }
}
