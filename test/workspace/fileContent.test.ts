import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decode, encode, fromEditor, readContent } from '../../server/src/workspace/fileContent.ts';
import { MemoryFileSystem } from './memoryFileSystem.ts';

const bytes = (...values: number[]) => Uint8Array.from(values);
const why = (content: Uint8Array) => decode('/m/1.sql', content).unreadable;

describe('decode', () => {
  it('reads text, with and without a byte order mark', () => {
    const text = "-- +goose Up\r\nSELECT 'é😀';\n";
    const plain = new TextEncoder().encode(text);
    expect(decode('/m/1.sql', plain)).toEqual({ path: '/m/1.sql', text, byteOrderMark: false });
    const marked = Uint8Array.from([0xef, 0xbb, 0xbf, ...plain]);
    expect(decode('/m/1.sql', marked)).toEqual({ path: '/m/1.sql', text, byteOrderMark: true });
    expect(decode('/m/1.sql', bytes())).toEqual({ path: '/m/1.sql', text: '', byteOrderMark: false });
  });

  it('keeps a genuine replacement character', () => {
    expect(decode('a', new TextEncoder().encode('a\uFFFDb')).text).toBe('a\uFFFDb');
  });

  it('names the first byte that is not UTF-8', () => {
    expect(why(bytes(0x61, 0xff))).toBe('is not UTF-8 (byte 0xff at offset 1)');
    expect(why(bytes(0xc3, 0xa9, 0xe9, 0x20))).toBe('is not UTF-8 (byte 0xe9 at offset 2)');
    expect(why(bytes(0xef, 0xbf, 0xbd, 0xef, 0xbb, 0xbf, 0x80))).toBe('is not UTF-8 (byte 0x80 at offset 6)');
    expect(why(bytes(0x61, 0xe2, 0x82))).toBe('is not UTF-8 (byte 0xe2 at offset 1)');
  });

  it('knows binary files, UTF-16 and what is too large', () => {
    expect(why(bytes(0x61, 0x00, 0xff))).toBe('is not text (byte 0x00 at offset 1)');
    expect(why(bytes(0xff, 0xfe, 0x61, 0x00))).toBe('is UTF-16, not UTF-8');
    expect(why(new Uint8Array(20 * 1024 * 1024 + 1))).toBe('is larger than the 20 MB that Skein reads');
    expect(why(new Uint8Array(20 * 1024 * 1024).fill(0x20))).toBeUndefined();
  });

  it('gives what encode turns into the same bytes again, or the offset where text ends', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (content) => {
        const decoded = decode('a', content);
        const offset = decoded.unreadable?.match(/not UTF-8 .* offset (\d+)/)?.[1];
        if (decoded.unreadable === undefined) expect(encode(decoded)).toEqual(content);
        else if (offset) expect(decode('a', content.slice(0, Number(offset))).unreadable).toBeUndefined();
      }),
    );
  });
});

describe('fromEditor', () => {
  it('takes off a mark that the editor hands on', () => {
    expect(fromEditor('a', '\uFEFFx')).toEqual({ path: 'a', text: 'x', byteOrderMark: true });
    expect(fromEditor('a', 'x\uFEFF')).toEqual({ path: 'a', text: 'x\uFEFF', byteOrderMark: false });
  });
});

describe('readContent', () => {
  it('tells a file that is not there from one that cannot be read', async () => {
    const files = new MemoryFileSystem({ '/m/1.sql': 'x' });
    files.block('/m/2.sql', 'no-permission');
    files.block('/m/3.sql', 'dangling');
    expect(await readContent(files, '/m/0.sql')).toBeUndefined();
    expect((await readContent(files, '/m/1.sql'))?.text).toBe('x');
    expect((await readContent(files, '/m/2.sql'))?.unreadable).toBe('cannot be read: permission denied');
    expect((await readContent(files, '/m/3.sql'))?.unreadable).toBe(
      'cannot be read: it is a link that leads nowhere',
    );
    expect((await readContent(files, '/m'))?.unreadable).toBe('cannot be read: it is not a regular file');
  });
});
