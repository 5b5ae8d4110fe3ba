import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The types of Node 20 leave it out. */
declare const WebAssembly: { compile(bytes: Uint8Array): Promise<object> };

/** The embedded PostgreSQL as it was installed. One per process: what is compiled once starts faster the next time. */
export interface EmbeddedProgram {
  /** The bundle of embeddedWorker.ts. */
  readonly worker: string;
  /** The directory with pglite.wasm, pglite.data, initdb.wasm and NAME.tar.gz for every extension. */
  readonly assets: string;
  /** The server, compiled when it is first asked for. Threads that are given it share its machine code. */
  compiled(): Promise<object>;
}

export function embeddedProgram(worker: string, assets: string): EmbeddedProgram {
  let compiling: Promise<object> | undefined;
  return {
    worker,
    assets,
    compiled: () => {
      compiling ??= compileWasm(assets, 'pglite.wasm');
      return compiling;
    },
  };
}

export async function compileWasm(assets: string, name: string): Promise<object> {
  return WebAssembly.compile(await readFile(join(assets, name)));
}
