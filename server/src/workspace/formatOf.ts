import type { MigrationFormat } from '../migrations/format.ts';
import { alembicFormat } from '../migrations/formats/alembic.ts';
import { gooseFormat } from '../migrations/formats/goose.ts';
import { plainFormat } from '../migrations/formats/plain.ts';
import type { MigrationFolder } from './discovery.ts';

/** How the files of a folder are read and written, by its tool. */
export function formatOf({
  tool,
  pairs,
  revisions,
}: Pick<MigrationFolder, 'tool' | 'pairs' | 'revisions'>): MigrationFormat {
  switch (tool) {
    case 'goose':
      return gooseFormat;
    case 'alembic':
      return alembicFormat(revisions);
    case 'plain':
      return plainFormat({ pairs });
  }
}
