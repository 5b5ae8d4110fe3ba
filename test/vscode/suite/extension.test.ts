import * as assert from 'node:assert/strict';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { finding, open, workspaceFolder } from './editor.ts';

interface Manifest {
  readonly contributes: { readonly commands: readonly { readonly command: string }[] };
}

suite('the extension', () => {
  test('is started by a migration and has every command its manifest names', async () => {
    await finding(
      (await open(join(workspaceFolder('shop'), 'migrations/00002_products_sku.sql'))).uri,
      'index-not-concurrent',
    );
    const extension = vscode.extensions.getExtension<unknown>('skein.skein');
    assert.ok(extension?.isActive);
    const { contributes } = extension.packageJSON as Manifest;
    const known = new Set(await vscode.commands.getCommands(true));
    for (const { command } of contributes.commands) assert.ok(known.has(command), command);
  });
});
