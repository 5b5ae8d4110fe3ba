import type { Finding } from '../rules/finding.ts';
import type { FolderHistory } from '../workspace/folderHistory.ts';
import { type DiagnosticOptions, toDiagnostic, wordsOf } from './diagnostics.ts';
import type { Diagnostic, Range } from './lsp.ts';
import { WrittenJson } from './writtenJson.ts';

/**
 * A diagnostic in JSON, but for its range. Most findings of a file are said again after each key, at the same place or a
 * character further: all else is written once.
 */
export interface WrittenDiagnostic {
  readonly range: Range;
  /** All that follows the range, with the closing brace, in UTF-8. */
  readonly words: Uint8Array;
}

/** A diagnostic that is written once. */
export function written({ range, ...others }: Diagnostic): WrittenDiagnostic {
  return { range, words: encoded(others) };
}

/** Findings of one document as the editor shows them. */
export function writtenFindings(
  findings: readonly Finding[],
  path: string,
  history: FolderHistory,
  options: DiagnosticOptions,
): readonly WrittenDiagnostic[] {
  const lines = history.lines(path);
  return findings.map((finding) => {
    // What it points at may have moved.
    if (options.relatedInformation && finding.related.length > 0) {
      return written(toDiagnostic(finding, history, options));
    }
    return { range: lines.range(finding.span), words: knownWords(finding, options) };
  });
}

/** The words for a finding: what it is said with hangs on the rule and on the client, and is the same as long as `said` is. */
function knownWords(finding: Finding, options: DiagnosticOptions): Uint8Array {
  const { said } = finding;
  if (said.memo instanceof Uint8Array) return said.memo;
  const words = encoded(wordsOf(finding, options));
  said.memo = words;
  return words;
}

function encoded(others: Omit<Diagnostic, 'range'>): Uint8Array {
  return Buffer.from(`,${JSON.stringify(others).slice(1)}`);
}

/** The same diagnostics at the same places. */
export function areSame(some: readonly WrittenDiagnostic[], others: readonly WrittenDiagnostic[]): boolean {
  return some.length === others.length && some.every((each, i) => isSame(each, others[i]));
}

function isSame(one: WrittenDiagnostic, other: WrittenDiagnostic | undefined): boolean {
  if (other === undefined) return false;
  const { start, end } = one.range;
  return (
    start.line === other.range.start.line &&
    start.character === other.range.start.character &&
    end.line === other.range.end.line &&
    end.character === other.range.end.character &&
    (one.words === other.words || Buffer.compare(one.words, other.words) === 0)
  );
}

/** The diagnostics as a message takes them, which is only ever written. */
export function inMessage(diagnostics: readonly WrittenDiagnostic[]): Diagnostic[] {
  let length = 2;
  for (const { words } of diagnostics) length += LONGEST_RANGE + words.length;
  const text = new JsonText(length);
  text.add(OPEN);
  for (const [i, { range, words }] of diagnostics.entries()) {
    text.add(i === 0 ? FIRST : NEXT);
    text.position(range.start);
    text.add(END);
    text.position(range.end);
    text.add(CLOSED);
    text.addLong(words);
  }
  text.add(CLOSE);
  const list: object = new WrittenJson(text.bytes);
  return list as Diagnostic[];
}

const OPEN = Buffer.from('[');
const FIRST = Buffer.from('{"range":{"start":{"line":');
const NEXT = Buffer.from(',{"range":{"start":{"line":');
const CHARACTER = Buffer.from(',"character":');
const END = Buffer.from('},"end":{"line":');
const CLOSED = Buffer.from('}}');
const CLOSE = Buffer.from(']');

/** Four numbers of at most ten digits, and what stands around them. */
const LONGEST_RANGE = NEXT.length + 2 * CHARACTER.length + END.length + CLOSED.length + 40;

/** Bytes of JSON, one piece after the other. */
class JsonText {
  private readonly all: Uint8Array;
  private length = 0;

  /** `longest` bytes have room. */
  constructor(longest: number) {
    this.all = Buffer.allocUnsafe(longest);
  }

  get bytes(): Uint8Array {
    return this.all.subarray(0, this.length);
  }

  position({ line, character }: Range['start']): void {
    this.number(line);
    this.add(CHARACTER);
    this.number(character);
  }

  /** For a few bytes: quicker than `set`. */
  add(piece: Uint8Array): void {
    const { all } = this;
    for (let i = 0; i < piece.length; i++) all[this.length++] = piece[i] ?? 0;
  }

  addLong(piece: Uint8Array): void {
    this.all.set(piece, this.length);
    this.length += piece.length;
  }

  private number(value: number): void {
    let digits = 1;
    for (let rest = value; rest >= 10; rest = Math.floor(rest / 10)) digits++;
    let rest = value;
    for (let at = this.length + digits - 1; at >= this.length; at--) {
      this.all[at] = ZERO + (rest % 10);
      rest = Math.floor(rest / 10);
    }
    this.length += digits;
  }
}

const ZERO = '0'.charCodeAt(0);
