import { createServer } from 'node:http';
import type { TestProject } from 'vitest/node';
import { type RunningPostgres, startPostgres } from './startPostgres.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Port of a service that starts a server when it is first asked for: GET /15 gives its port. */
    readonly postgresService: number;
  }
}

/** vitest's global setup: servers for all test files of a run, each started when the first test needs it. */
export default async function serversOfTheRun(project: TestProject): Promise<() => Promise<void>> {
  const running = new Map<number, Promise<RunningPostgres>>();
  const service = createServer(async (request, response) => {
    const version = Number(request.url?.slice(1));
    try {
      const starting = running.get(version) ?? startPostgres(version);
      running.set(version, starting);
      response.end(String((await starting).port));
    } catch (error) {
      response.statusCode = 500;
      response.end(error instanceof Error ? error.message : String(error));
    }
  });
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
  const address = service.address();
  project.provide('postgresService', typeof address === 'object' && address !== null ? address.port : 0);
  return async () => {
    service.closeAllConnections();
    service.close();
    const servers = await Promise.allSettled(running.values());
    await Promise.all(
      servers.map((server) => (server.status === 'fulfilled' ? server.value.stop() : undefined)),
    );
  };
}
