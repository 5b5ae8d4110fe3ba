import type { ToolId } from '../migrations/migration.ts';
import { RunRefused } from './runRefused.ts';

interface Reason {
  readonly message: string;
  /** What to do instead, in one sentence. */
  readonly run: string;
}

const reasons: Readonly<Record<Exclude<ToolId, 'goose'>, Reason>> = {
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

/** Throws RunRefused for migrations that are read and checked, but not run. */
export function refuseOtherTools(tool: ToolId): void {
  if (tool === 'goose') return;
  const { message, run } = reasons[tool];
  throw new RunRefused('tool', message, run);
}
