import { cpSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { addressOf, type CodeServer } from './codeServer.ts';
import type { Results } from './results.ts';
import { walk } from './walk.ts';

/** Where the pictures of the README go. */
export interface RunPictures {
  readonly view: string;
  readonly failure: string;
}

const failing = '00005_loyalty_programme.sql';

/**
 * Does in a window what a person does who applies migrations: looks at the view, applies all, is asked, sees one fail,
 * opens it at the failing token; then rolls one back from its row.
 */
export async function walkThroughRuns(
  server: CodeServer,
  browser: Browser,
  home: string,
  pictures: RunPictures,
): Promise<Results> {
  const folder = join(home, 'runs/webshop');
  cpSync(resolve('examples/goose'), folder, { recursive: true });
  writeFileSync(join(folder, 'skein.json'), '{}\n');
  const page = await browser.newPage({ viewport: { width: 1280, height: 760 }, deviceScaleFactor: 2 });
  page.setDefaultTimeout(30_000);
  return walk(page, [
    ['the view lists the migrations and says that they are pending', () => openView(page, server, folder)],
    ['before anything is run it says what, and on which database', () => readQuestion(page)],
    ['the run stops at the migration that fails', () => runUntilFailure(page)],
    ['its button opens the file at the failing token', () => openFailure(page, pictures.failure)],
    ['the view says which are applied and which failed', () => readView(page, pictures.view)],
    ['a row rolls back to its migration', () => rollBack(page)],
  ]);
}

async function openView(page: Page, server: CodeServer, folder: string): Promise<void> {
  await page.goto(addressOf(server, folder));
  await page.locator('.activitybar .action-label[aria-label="Skein"]').click();
  await row(page, '00006_close_old_orders.sql').getByText('pending').waitFor();
  await row(page, 'webshop/migrations').getByText('embedded').waitFor();
  await widen(page);
}

/** Makes the side bar wide enough for names and states. */
async function widen(page: Page): Promise<void> {
  const box = await page.locator('.sidebar').boundingBox();
  if (box === null) throw new Error('no side bar');
  const edge = box.x + box.width;
  await page.mouse.move(edge, 400);
  await page.mouse.down();
  await page.mouse.move(edge + 50, 400, { steps: 5 });
  await page.mouse.up();
}

/** A row of the Migrations view. */
function row(page: Page, text: string): Locator {
  return page.locator('.pane-body .monaco-list-row', { hasText: text }).first();
}

async function click(page: Page, text: string, action: string): Promise<void> {
  await row(page, text).hover();
  await row(page, text).locator(`.action-label[aria-label="${action}"]`).click();
}

function dialog(page: Page): Locator {
  return page.locator('.monaco-dialog-box');
}

async function readQuestion(page: Page): Promise<void> {
  await click(page, 'webshop/migrations', 'Apply All Pending');
  await dialog(page).getByText('Apply 6 migrations to the embedded database in .skein/').waitFor();
  await dialog(page).getByText('00001_create_catalogue.sql (2 statements)').waitFor();
}

function notification(page: Page): Locator {
  return page.locator('.notification-list-item', { hasText: failing });
}

async function runUntilFailure(page: Page): Promise<void> {
  await dialog(page).getByText('Apply', { exact: true }).click();
  await notification(page).getByText('cannot run inside a transaction block').waitFor();
}

async function openFailure(page: Page, picture: string): Promise<void> {
  await notification(page).getByText('Open File').click();
  await page.locator('.tab.active', { hasText: failing }).waitFor();
  await page.locator('.statusbar-item', { hasText: 'Ln 9, Col 7 (6 selected)' }).waitFor();
  await page.locator('.squiggly-error').first().waitFor();
  // They push the lines down: under a pointer that stands still there would be another one.
  await page.locator('.codelens-decoration a').first().waitFor();
  await settled(page);
  await page
    .locator('.view-line', { hasText: 'CREATE INDEX CONCURRENTLY' })
    .hover({ position: { x: 20, y: 8 } });
  await page.locator('.monaco-hover', { hasText: '25001' }).waitFor();
  await page.screenshot({ path: picture });
}

async function readView(page: Page, picture: string): Promise<void> {
  await row(page, failing).getByText('failed').waitFor();
  await row(page, '00006_close_old_orders.sql').getByText('pending').waitFor();
  await row(page, '00004_find_orders_faster.sql')
    .getByText(/^\d{4}-\d\d-\d\d/)
    .waitFor();
  await page.locator('.statusbar-item', { hasText: 'embedded 2 pending' }).waitFor();
  await row(page, '00003_create_orders.sql').click();
  await page.locator('.tab.active', { hasText: '00003_create_orders.sql' }).waitFor();
  await page.locator('.codelens-decoration', { hasText: 'applied at' }).waitFor();
  await page.locator('.codelens-decoration', { hasText: 'Roll back to here (1 after it)' }).waitFor();
  await row(page, '00002_create_customers.sql').hover();
  await settled(page);
  await page.screenshot({ path: picture });
}

/** Notifications have gone, what was drawn last stands. */
async function settled(page: Page): Promise<void> {
  await page.keyboard.press('Escape');
  await page.locator('.notification-list-item').first().waitFor({ state: 'hidden' });
}

async function rollBack(page: Page): Promise<void> {
  await click(page, '00002_create_customers.sql', 'Roll Back To…');
  await dialog(page).getByText('Roll back 2 migrations in the embedded database').waitFor();
  await dialog(page).getByText('Roll back', { exact: true }).click();
  await row(page, '00003_create_orders.sql').getByText('pending').waitFor();
  await row(page, '00002_create_customers.sql')
    .getByText(/^\d{4}-/)
    .waitFor();
}
