import { realAlembic } from '../interop/realAlembic.ts';
import { databaseAt } from '../postgres/databaseAt.ts';
import { startPostgres } from '../postgres/startPostgres.ts';

/** What the suite finds outside VS Code: a Python with the real alembic, and a database for it. */
export interface SuiteEnvironment {
  /** Environment variables, for the extension host. */
  readonly variables: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** Installs alembic into .tools/, unless it is there, and starts a server. */
export async function suiteEnvironment(results: string): Promise<SuiteEnvironment> {
  const { python } = realAlembic('1.20.0');
  const postgres = await startPostgres(18);
  const { url } = await databaseAt(postgres.port);
  return {
    variables: {
      SKEIN_TEST_RESULTS: results,
      SKEIN_TEST_PYTHON: python,
      SKEIN_TEST_DATABASE: url,
    },
    stop: () => postgres.stop(),
  };
}
