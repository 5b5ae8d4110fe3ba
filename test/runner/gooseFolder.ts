import type { FileContent } from '../../server/src/migrations/migration.ts';

/** A goose folder as a value: texts by file name. `up` and `down` alone are written as a goose file. */
export function gooseFolder(files: Readonly<Record<string, string | GooseText>>): FileContent[] {
  return Object.entries(files).map(([name, content]) => ({
    path: `migrations/${name}`,
    text: typeof content === 'string' ? content : gooseText(content),
    byteOrderMark: false,
  }));
}

export interface GooseText {
  readonly up: string;
  readonly down?: string;
  readonly noTransaction?: boolean;
}

export function gooseText({ up, down, noTransaction }: GooseText): string {
  const first = noTransaction ? '-- +goose NO TRANSACTION\n' : '';
  const last = down === undefined ? '' : `\n-- +goose Down\n${down}\n`;
  return `${first}-- +goose Up\n${up}\n${last}`;
}
