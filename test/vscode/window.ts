import { cpSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import type { CodeServer } from './codeServer.ts';
import type { Results } from './results.ts';

/** How the window of the README's picture looks. */
export const windowSettings = {
  'workbench.colorTheme': 'Default Dark Modern',
  'workbench.layoutControl.enabled': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'window.commandCenter': false,
  'editor.minimap.enabled': false,
  'editor.fontSize': 14,
  'editor.lineHeight': 22,
  'editor.fontFamily': "'DejaVu Sans Mono', monospace",
  'editor.stickyScroll.enabled': false,
  'editor.scrollBeyondLastLine': false,
  'breadcrumbs.enabled': false,
  'explorer.compactFolders': false,
  'problems.defaultViewMode': 'table',
};

/**
 * Does in a window what a person does: opens a migration of examples/goose, reads the finding, takes the quick fix
 * from the menu and saves. Writes a picture of the window with the menu open to `picture`.
 */
export async function walkThroughWindow(
  server: CodeServer,
  browser: Browser,
  home: string,
  picture: string,
): Promise<Results> {
  const folder = join(home, 'webshop');
  cpSync(resolve('examples/goose'), folder, { recursive: true });
  const file = join(folder, 'migrations/00004_find_orders_faster.sql');
  const page = await browser.newPage({ viewport: { width: 1240, height: 720 }, deviceScaleFactor: 2 });
  page.setDefaultTimeout(30_000);

  const steps: readonly [string, () => Promise<void>][] = [
    ['the blocking index is underlined', () => openMigration(page, server, folder)],
    ['the Problems panel names the rule', () => readProblems(page)],
    ['the status bar counts it', () => page.locator('.statusbar-item', { hasText: /Skein\s+1/ }).waitFor()],
    ['the quick fix is in the menu', () => openQuickFixes(page, picture)],
    ['chosen and saved, it is on disk', () => takeQuickFix(page, file)],
  ];
  let passed = 0;
  for (const [name, step] of steps) {
    try {
      await step();
      passed += 1;
      console.log(`  ok      ${name}`);
    } catch (error) {
      console.log(`  failed  ${name}: ${error instanceof Error ? error.message : error}`);
      await page.screenshot({ path: 'dist-test/vscode-window-failed.png' });
      break;
    }
  }
  await page.close();
  // Each step starts where the one before it ended: after a failure none of the others can pass.
  return { passed, failed: steps.length - passed };
}

async function openMigration(page: Page, server: CodeServer, folder: string): Promise<void> {
  await page.goto(`http://${server.authority}/?${new URLSearchParams({ folder })}`);
  await page.locator('.explorer-folders-view').getByText('migrations').click();
  await page.locator('.explorer-folders-view').getByText('00004_find_orders_faster.sql').dblclick();
  await page.locator('.squiggly-warning').first().waitFor();
}

async function readProblems(page: Page): Promise<void> {
  await page.keyboard.press('Control+Shift+M');
  await page.locator('.markers-panel').getByText('index-not-concurrent').first().waitFor();
}

async function openQuickFixes(page: Page, picture: string): Promise<void> {
  await page.locator('.view-line', { hasText: 'CREATE INDEX' }).click({ position: { x: 60, y: 8 } });
  await page.keyboard.press('Control+.');
  await page.locator('.action-widget .monaco-list-row', { hasText: 'CONCURRENTLY' }).first().waitFor();
  await page.screenshot({ path: picture });
}

async function takeQuickFix(page: Page, file: string): Promise<void> {
  await page.locator('.action-widget .monaco-list-row', { hasText: 'CONCURRENTLY' }).first().click();
  await page.locator('.squiggly-warning').first().waitFor({ state: 'detached' });
  await page.keyboard.press('Control+s');
  await page.locator('.tab.active:not(.dirty)').waitFor();
  const text = readFileSync(file, 'utf8');
  for (const part of [
    '-- +goose NO TRANSACTION\n',
    'CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_customer_id_idx',
  ]) {
    if (!text.includes(part)) throw new Error(`"${part.trim()}" is not in the saved file:\n${text}`);
  }
}
