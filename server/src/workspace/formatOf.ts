import type { MigrationFormat } from '../migrations/format.ts';
import { gooseFormat } from '../migrations/formats/goose.ts';
import { plainFormat } from '../migrations/formats/plain.ts';
import type { MigrationFolder } from './discovery.ts';

/** How the files of a folder are read and written, by its tool. Python is learnt only where it is spoken. */
export async function formatOf({
  tool,
  pairs,
  revisions,
}: Pick<MigrationFolder, 'tool' | 'pairs' | 'revisions'>): Promise<MigrationFormat> {
  switch (tool) {
    case 'goose':
      return gooseFormat;
    case 'alembic': {
      const { alembicFormat } = await import('../migrations/formats/alembic.ts');
      return alembicFormat(revisions);
    }
    case 'plain':
      return plainFormat({ pairs });
  }
}
