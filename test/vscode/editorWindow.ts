import type { Locator, Page } from 'playwright-core';
import { addressOf, type CodeServer } from './codeServer.ts';

/** Opens a window on a folder, and in it one of the files in its folder migrations that has findings. */
export async function openMigration(
  page: Page,
  server: CodeServer,
  folder: string,
  file: string,
): Promise<void> {
  await page.goto(addressOf(server, folder));
  await inExplorer(page, 'migrations').click();
  await inExplorer(page, file).dblclick();
  await page.locator('.squiggly-warning').first().waitFor();
  await page.locator('.squiggly-error').first().waitFor();
}

export function inExplorer(page: Page, name: string | RegExp): Locator {
  return page.locator('.explorer-folders-view').getByText(name);
}

/** The first line with the text in the menu of the light bulb. */
export function quickFix(page: Page, text: string): Locator {
  return page.locator('.action-widget .monaco-list-row', { hasText: text }).first();
}

/** Opens the menu of the light bulb where the cursor is, which has to have a line with the text. */
export async function openQuickFixes(page: Page, text: string): Promise<void> {
  const line = quickFix(page, text);
  // The menu closes again when the editor hears of new code actions: the light bulb says that it has.
  await page
    .locator('.monaco-editor .codicon-light-bulb, .monaco-editor .codicon-gutter-lightbulb')
    .first()
    .waitFor();
  for (let tries = 0; tries < 5 && !(await line.isVisible()); tries += 1) {
    await page.keyboard.press('Control+.');
    await line.waitFor({ timeout: 3000 }).catch(() => {});
  }
  await line.waitFor({ timeout: 1000 });
}

/** Saves all files, and waits until they are. */
export async function saveAll(page: Page): Promise<void> {
  await page.keyboard.press('F1');
  await page.keyboard.type('File: Save All Files');
  await page
    .locator('.quick-input-widget .monaco-list-row', { hasText: 'File: Save All Files' })
    .first()
    .click();
  await page.locator('.tab.dirty').first().waitFor({ state: 'detached' });
}
