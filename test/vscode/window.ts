import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import type { CodeServer } from './codeServer.ts';
import { inExplorer, openMigration, openQuickFixes, quickFix, saveAll } from './editorWindow.ts';
import type { Results } from './results.ts';
import { walk } from './walk.ts';

/** How the window of the README's picture looks. */
export const windowSettings = {
  'workbench.colorTheme': 'Default Dark Modern',
  'workbench.layoutControl.enabled': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'window.commandCenter': false,
  'editor.minimap.enabled': false,
  'editor.fontSize': 13.5,
  'editor.lineHeight': 22,
  'editor.fontFamily': "'JetBrains Mono', 'DejaVu Sans Mono', monospace",
  'editor.stickyScroll.enabled': false,
  'editor.scrollBeyondLastLine': false,
  'editor.occurrencesHighlight': 'off',
  'editor.wordWrap': 'off',
  'breadcrumbs.enabled': false,
  'problems.autoReveal': false,
};

const migration = '00005_loyalty_programme.sql';
const statement = 'CREATE INDEX CONCURRENTLY IF NOT EXISTS order_items_product_id_idx';
const ownMigration = 'in a migration of its own';

/**
 * Does in a window what a person does: opens a migration of examples/goose, reads the findings, takes a quick fix
 * that makes a file from the menu and saves. Writes a picture of the window with the menu open to `picture`.
 */
export async function walkThroughWindow(
  server: CodeServer,
  browser: Browser,
  home: string,
  picture: string,
): Promise<Results> {
  const folder = join(home, 'webshop');
  cpSync(resolve('examples/goose'), folder, { recursive: true });
  const page = await browser.newPage({ viewport: { width: 1280, height: 760 }, deviceScaleFactor: 2 });
  page.setDefaultTimeout(30_000);

  const steps: readonly [string, () => Promise<void>][] = [
    ['what is dangerous is underlined', () => openMigration(page, server, folder, migration)],
    ['the Problems panel names the rules', () => readProblems(page)],
    [
      'the status bar counts them',
      () => page.locator('.statusbar-item', { hasText: /Skein\s+\d+\s+\d+/ }).waitFor(),
    ],
    ['the quick fix is in the menu', () => showQuickFixes(page, picture)],
    ['chosen, it makes a new migration', () => takeQuickFix(page)],
    ['saved, both files are on disk', () => saveBoth(page, join(folder, 'migrations'))],
  ];
  return walk(page, steps);
}

async function readProblems(page: Page): Promise<void> {
  await page.keyboard.press('Control+Shift+M');
  for (const rule of [
    'concurrently-in-transaction',
    'add-foreign-key',
    'set-not-null',
    'add-column-not-null',
  ])
    await page.locator('.markers-panel').getByText(rule).first().waitFor();
}

async function showQuickFixes(page: Page, picture: string): Promise<void> {
  await page.locator('.view-line', { hasText: statement }).click({ position: { x: 150, y: 8 } });
  await openQuickFixes(page, ownMigration);
  await page.screenshot({ path: picture });
}

async function takeQuickFix(page: Page): Promise<void> {
  await quickFix(page, ownMigration).click();
  await page.locator('.view-line', { hasText: statement }).waitFor({ state: 'detached' });
  await inExplorer(page, /^00007_\w+\.sql$/).waitFor();
}

async function saveBoth(page: Page, folder: string): Promise<void> {
  await saveAll(page);
  const created = readdirSync(folder).find((file) => file.startsWith('00007_')) ?? 'no file 00007_…';
  expectText(join(folder, created), ['-- +goose NO TRANSACTION\n', statement]);
  if (readFileSync(join(folder, migration), 'utf8').includes(statement)) {
    throw new Error(`the statement is still in ${migration}`);
  }
}

function expectText(path: string, parts: readonly string[]): void {
  const text = readFileSync(path, 'utf8');
  for (const part of parts)
    if (!text.includes(part)) throw new Error(`no "${part.trim()}" in ${path}:\n${text}`);
}
