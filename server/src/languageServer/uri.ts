import { fileURLToPath, pathToFileURL } from 'node:url';
import { slashed } from '../workspace/filePath.ts';

/** The path of a document on disk; undefined for untitled documents and those on other file systems. */
export function pathOf(uri: string): string | undefined {
  if (!uri.startsWith('file:')) return undefined;
  try {
    return slashed(fileURLToPath(uri));
  } catch {
    return undefined;
  }
}

export function uriOf(path: string): string {
  return pathToFileURL(path).href;
}
