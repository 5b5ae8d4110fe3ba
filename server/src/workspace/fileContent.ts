import type { FileContent } from '../migrations/migration.ts';
import { type FileSystem, FileSystemError, obstacleInWords } from './fileSystem.ts';

/** Larger files are named, not read: no tool's migration comes near it, and a dump's text would fill the memory. */
const largestFile = 20 * 1024 * 1024;

const byteOrderMark = '\uFEFF';

/** Reads a file as text. `undefined` when there is none; any other obstacle stands in `unreadable`. */
export async function readContent(files: FileSystem, path: string): Promise<FileContent | undefined> {
  try {
    return decode(path, await files.readFile(path, largestFile + 1));
  } catch (error) {
    if (error instanceof FileSystemError && error.obstacle === 'vanished') return undefined;
    return unreadable(path, `cannot be read: ${obstacleInWords(error)}`);
  }
}

/** What is known of a file that was listed and then was gone. */
export function vanished(path: string): FileContent {
  return unreadable(path, 'cannot be read: it vanished while its folder was being read');
}

/** Bytes as text: strictly UTF-8, without its byte order mark. */
export function decode(path: string, bytes: Uint8Array): FileContent {
  if (bytes.length > largestFile) return unreadable(path, 'is larger than the 20 MB that Skein reads');
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
    return unreadable(path, 'is UTF-16, not UTF-8');
  }
  const nul = bytes.indexOf(0);
  if (nul >= 0) return unreadable(path, `is not text (byte 0x00 at offset ${nul})`);
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return fromEditor(path, text);
  } catch {
    const offset = firstInvalid(bytes);
    const byte = (bytes[offset] ?? 0).toString(16).padStart(2, '0');
    return unreadable(path, `is not UTF-8 (byte 0x${byte} at offset ${offset})`);
  }
}

/** Text as an editor holds it. Most hide a byte order mark, some hand it on as a character. */
export function fromEditor(path: string, text: string): FileContent {
  const marked = text.startsWith(byteOrderMark);
  return { path, text: marked ? text.slice(1) : text, byteOrderMark: marked };
}

/** The bytes of a file with this content. */
export function encode(content: FileContent): Uint8Array {
  return new TextEncoder().encode(content.byteOrderMark ? byteOrderMark + content.text : content.text);
}

function unreadable(path: string, sentence: string): FileContent {
  return { path, text: '', byteOrderMark: false, unreadable: sentence };
}

/** Offset of the first byte that is not part of well-formed UTF-8: where a lenient decoder puts its first U+FFFD. */
function firstInvalid(bytes: Uint8Array): number {
  const replacement = '\uFFFD';
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  let offset = 0;
  let read = 0;
  for (;;) {
    const next = text.indexOf(replacement, read);
    if (next < 0) return bytes.length;
    offset += Buffer.byteLength(text.slice(read, next));
    // The file may hold a genuine U+FFFD.
    if (bytes[offset] !== 0xef || bytes[offset + 1] !== 0xbf || bytes[offset + 2] !== 0xbd) return offset;
    offset += 3;
    read = next + 1;
  }
}
