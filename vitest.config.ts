import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/vscode/**'],
    setupFiles: ['test/randomTests.ts'],
    globalSetup: ['test/postgres/serversOfTheRun.ts'],
    // One worker per core of a small machine, and files that share it share its modules: the SQL parser's wasm is
    // compiled once per worker, not once per file. Modules hold no state, so files cannot disturb each other.
    pool: 'threads',
    maxWorkers: 2,
    isolate: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
