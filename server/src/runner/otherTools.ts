import type { ToolId } from '../migrations/migration.ts';
import { RunRefused } from './runRefused.ts';

/** Why migrations of a tool are read and checked, but not run. */
export function refusedTool(tool: Exclude<ToolId, 'goose'>): RunRefused {
  const { message, run } = reasons[tool];
  return new RunRefused('tool', message, run);
}

const reasons = {
  plain: {
    message:
      'Skein runs goose migrations only: nothing in a database says which files of plain numbered SQL it has',
    run: 'Run them with the tool they are written for, or in their order with psql -v ON_ERROR_STOP=1 -f FILE.',
  },
  alembic: {
    message: 'Skein runs goose migrations only, and these are revisions of alembic',
    run: 'Run them with alembic itself: alembic upgrade head.',
  },
};
