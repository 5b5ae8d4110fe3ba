import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { embeddedBundle } from './embeddedBundle.ts';
import { type RunningPostgres, startPostgres } from './startPostgres.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /**
     * Port of a service that makes what several tests share when the first one asks: GET /15 starts a server and gives
     * its port, GET /embedded gives an EmbeddedBundle.
     */
    readonly postgresService: number;
  }
}

/** vitest's global setup. */
export default async function serversOfTheRun(project: TestProject): Promise<() => Promise<void>> {
  const out = mkdtempSync(join(tmpdir(), 'skein-embedded-'));
  const servers = new Map<number, Promise<RunningPostgres>>();
  let embedded: Promise<object> | undefined;
  const answer = async (what: string): Promise<string> => {
    if (what === 'embedded') {
      embedded ??= embeddedBundle(out);
      return JSON.stringify(await embedded);
    }
    const version = Number(what);
    const starting = servers.get(version) ?? startPostgres(version);
    servers.set(version, starting);
    return String((await starting).port);
  };
  const service = createServer(async (request, response) => {
    try {
      response.end(await answer(request.url?.slice(1) ?? ''));
    } catch (error) {
      response.statusCode = 500;
      response.end(error instanceof Error ? error.stack : String(error));
    }
  });
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
  const address = service.address();
  project.provide('postgresService', typeof address === 'object' && address !== null ? address.port : 0);
  return async () => {
    service.closeAllConnections();
    service.close();
    await Promise.allSettled([...servers.values()].map(async (server) => (await server).stop()));
    rmSync(out, { recursive: true, force: true });
  };
}
