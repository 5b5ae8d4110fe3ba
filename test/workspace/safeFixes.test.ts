import { describe, expect, it } from 'vitest';
import type { Fix } from '../../server/src/migrations/change.ts';
import type { Finding } from '../../server/src/rules/finding.ts';
import type { SupposedHistory } from '../../server/src/workspace/folderHistory.ts';
import { applyEdits, applySafeFixes } from '../../server/src/workspace/safeFixes.ts';

const path = '/m/1.sql';
const allocate = { now: () => new Date(0) };

/** A rule for these tests: every match of `pattern` is a finding, and its fix puts `into` in its place. */
interface Pattern {
  readonly rule: string;
  readonly pattern: RegExp;
  readonly into?: string;
  readonly grade?: Fix['grade'];
  readonly severity?: Finding['severity'];
  readonly creates?: boolean;
}

function fixed(text: string, patterns: readonly Pattern[], wanted?: (finding: Finding) => boolean) {
  let current = text;
  const edits = new Map<Fix, { start: number; end: number; into: string; creates: boolean }>();
  const findings = () =>
    patterns.flatMap(({ rule, pattern, into, grade = 'safe', severity = 'warning', creates = false }) =>
      [...current.matchAll(new RegExp(pattern, 'g'))].map((match): Finding => {
        const span = { start: match.index, end: match.index + match[0].length };
        const fix: Fix = { title: rule, grade, changes: [] };
        if (into !== undefined) edits.set(fix, { ...span, into, creates });
        return {
          rule,
          severity,
          path,
          span,
          message: '',
          why: '',
          related: [],
          questions: [],
          refusals: [],
          said: {},
          fixes: into === undefined ? [] : [fix],
        };
      }),
    );
  const supposed: SupposedHistory = {
    findings,
    edits: (fix) => {
      const edit = edits.get(fix);
      if (!edit) throw new Error('no such fix');
      return {
        edits: [{ path, span: { start: edit.start, end: edit.end }, newText: edit.into }],
        creates: edit.creates ? [{ path: '/m/2.sql', text: '' }] : [],
        renames: [],
      };
    },
    setText: (to) => {
      current = to;
    },
  };
  const history = {
    content: () => ({ path, text, byteOrderMark: false }),
    supposing: <T>(_: string, work: (supposed: SupposedHistory) => T) => work(supposed),
  };
  const result = applySafeFixes(history, path, allocate, wanted);
  return { text: result.text, applied: result.applied.map(({ rule }) => rule) };
}

describe('applySafeFixes', () => {
  it('goes on until nothing is left', () => {
    const patterns = [
      { rule: 'a', pattern: /a/, into: 'b' },
      { rule: 'b', pattern: /b/, into: 'c' },
    ];
    expect(fixed('a a', patterns)).toEqual({ text: 'c c', applied: ['a', 'a', 'b', 'b'] });
  });

  it('leaves alone what is not safe, not wanted, makes a file, or has no fix', () => {
    const patterns: Pattern[] = [
      { rule: 'review', pattern: /a/, into: 'x', grade: 'review' },
      { rule: 'unwanted', pattern: /b/, into: 'x' },
      { rule: 'creates', pattern: /c/, into: 'x', creates: true },
      { rule: 'none', pattern: /d/ },
    ];
    expect(fixed('a b c d', patterns, ({ rule }) => rule !== 'unwanted')).toEqual({
      text: 'a b c d',
      applied: [],
    });
  });

  it('writes a line once that two fixes ask for', () => {
    const head = { pattern: /^(?!HEAD)/, into: 'HEAD ' };
    const patterns = [
      { rule: 'first', ...head },
      { rule: 'second', ...head },
    ];
    expect(fixed('x', patterns)).toEqual({ text: 'HEAD x', applied: ['first'] });
  });

  it('leaves out a fix that does harm, and applies the others', () => {
    const patterns: Pattern[] = [
      { rule: 'good', pattern: /g/, into: 'G' },
      { rule: 'harm', pattern: /h/, into: '!' },
      { rule: 'error', pattern: /!/, severity: 'error' },
    ];
    expect(fixed('g h g', patterns)).toEqual({ text: 'G h G', applied: ['good', 'good'] });
  });

  it('ends where fixes undo each other', () => {
    const patterns = [
      { rule: 'a', pattern: /a/, into: 'b' },
      { rule: 'b', pattern: /b/, into: 'a' },
    ];
    expect(fixed('a', patterns)).toEqual({ text: 'b', applied: ['a'] });
  });
});

describe('applyEdits', () => {
  it('applies them in order of their place', () => {
    const edit = (start: number, end: number, newText: string) => ({ path, span: { start, end }, newText });
    expect(applyEdits('abcd', [edit(3, 4, 'D'), edit(0, 0, '>'), edit(1, 2, '')])).toBe('>acD');
  });
});
