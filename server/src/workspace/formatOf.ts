import type { MigrationFormat } from '../migrations/format.ts';
import { alembicFormat } from '../migrations/formats/alembic.ts';
import { gooseFormat } from '../migrations/formats/goose.ts';
import { plainFormat } from '../migrations/formats/plain.ts';
import type { DetectedTool } from './toolDetection.ts';

/** How the files of a folder are read, by its tool. */
export function formatOf({ tool, pairs }: DetectedTool): MigrationFormat {
  switch (tool) {
    case 'goose':
      return gooseFormat;
    case 'alembic':
      return alembicFormat();
    case 'plain':
      return plainFormat({ pairs });
  }
}
