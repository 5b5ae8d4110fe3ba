import { RunRefused } from './runRefused.ts';

/** Why plain numbered SQL is read and checked, but not run. */
export function refusedPlain(): RunRefused {
  return new RunRefused(
    'tool',
    'Skein runs migrations of goose and alembic: nothing in a database says which files of plain numbered SQL it has',
    'Run them with the tool they are written for, or in their order with psql -v ON_ERROR_STOP=1 -f FILE.',
  );
}
