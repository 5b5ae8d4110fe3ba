import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { LineIndex } from '../../server/src/workspace/lineIndex.ts';

describe('LineIndex', () => {
  it('counts lines as the protocol does', () => {
    const index = new LineIndex('a\r\nb\rc\n😀d');
    expect(index.lineCount).toBe(4);
    expect(index.position(3)).toEqual({ line: 1, character: 0 });
    expect(index.position(9)).toEqual({ line: 3, character: 2 });
    expect(index.line(0)).toEqual({ start: 0, end: 1 });
    expect(index.line(3)).toEqual({ start: 7, end: 10 });
    expect(new LineIndex('').range({ start: 0, end: 5 })).toEqual({
      start: { line: 0, character: 0 },
      end: { line: 0, character: 0 },
    });
  });

  it('agrees with the protocol library on every offset and position', () => {
    const text = fc.string({ unit: fc.constantFrom('a', '\n', '\r', '\r\n', '😀') });
    fc.assert(
      fc.property(text, (content) => {
        const index = new LineIndex(content);
        const document = TextDocument.create('a:', 'sql', 1, content);
        expect(index.lineCount).toBe(document.lineCount);
        for (let offset = 0; offset <= content.length; offset++) {
          // Between \r and \n the library goes back to before \r; no token starts or ends there.
          if (content[offset - 1] === '\r' && content[offset] === '\n') continue;
          const position = index.position(offset);
          expect(position).toEqual(document.positionAt(offset));
          expect(index.offset(position)).toBe(offset);
        }
        // Back, and far on.
        for (const offset of [content.length, 0, content.length >> 1, 1, content.length]) {
          if (offset > content.length || (content[offset - 1] === '\r' && content[offset] === '\n')) continue;
          expect(index.position(offset)).toEqual(document.positionAt(offset));
        }
        for (const position of [
          { line: 1, character: 99 },
          { line: 99, character: 0 },
          { line: 0, character: 1 },
        ]) {
          expect(index.offset(position)).toBe(document.offsetAt(position));
        }
      }),
    );
  });
});
