import { cpSync, existsSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { addressOf, type CodeServer } from './codeServer.ts';
import type { Results } from './results.ts';
import { walk } from './walk.ts';

/** Opens a folder that VS Code has not been told to trust, and sees that it is read and nothing is run; then that trust changes it. */
export async function walkUntrusted(server: CodeServer, browser: Browser, home: string): Promise<Results> {
  const folder = join(home, 'untrusted/webshop');
  cpSync(resolve('examples/goose'), folder, { recursive: true });
  writeFileSync(join(folder, 'skein.json'), '{}\n');
  const page = await browser.newPage({ viewport: { width: 1280, height: 760 } });
  page.setDefaultTimeout(30_000);
  return walk(page, [
    ['untrusted: findings are shown', () => openUntrusted(page, server, folder)],
    ['untrusted: a command says why it does nothing', () => applyInVain(page)],
    ['untrusted: the view offers to manage trust', () => lookAtView(page)],
    [
      'untrusted: nothing was written',
      async () => {
        if (existsSync(join(folder, '.skein'))) throw new Error('there is a .skein');
      },
    ],
    ['once it is trusted, its database is asked', () => trust(page)],
  ]);
}

async function openUntrusted(page: Page, server: CodeServer, folder: string): Promise<void> {
  await page.goto(addressOf(server, folder));
  await page.locator('.statusbar-item', { hasText: 'Restricted Mode' }).waitFor();
  await page.locator('.explorer-folders-view').getByText('migrations').click();
  await page.locator('.explorer-folders-view').getByText('00005_loyalty_programme.sql').dblclick();
  await page.locator('.squiggly-error').first().waitFor();
}

async function applyInVain(page: Page): Promise<void> {
  await page.keyboard.press('F1');
  await page.locator('.quick-input-box input').fill('>Skein: Apply All Pending');
  await page
    .locator('.quick-input-list .monaco-list-row', { hasText: 'Apply All Pending' })
    .first()
    .waitFor();
  await page.keyboard.press('Enter');
  await page.locator('.notification-list-item', { hasText: 'This workspace is not trusted' }).waitFor();
}

async function lookAtView(page: Page): Promise<void> {
  await page.locator('.activitybar .action-label[aria-label="Skein"]').click();
  await page.locator('.pane-body .monaco-list-row', { hasText: '00006_close_old_orders.sql' }).waitFor();
  if ((await page.locator('.codelens-decoration').count()) > 0) throw new Error('there are lenses');
}

async function trust(page: Page): Promise<void> {
  await page.locator('.notification-list-item').getByText('Manage Workspace Trust').click();
  await page.locator('.workspace-trust-editor').getByText('Trust', { exact: true }).first().click();
  await page
    .locator('.pane-body .monaco-list-row', { hasText: '00006_close_old_orders.sql' })
    .getByText('pending')
    .waitFor();
}
