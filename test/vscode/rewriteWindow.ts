import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import type { CodeServer } from './codeServer.ts';
import { inExplorer, openMigration, openQuickFixes, quickFix, saveAll } from './editorWindow.ts';
import type { Results } from './results.ts';
import { walk } from './walk.ts';

const migration = '00005_loyalty_programme.sql';
const statement = 'ADD COLUMN IF NOT EXISTS loyalty_tier';
const title = 'Add loyalty_tier, fill it in batches';
const made = [
  '00007_backfill_customers_loyalty_tier.sql',
  '00008_require_customers_loyalty_tier.sql',
  '00009_customers_loyalty_tier_not_null.sql',
];

/**
 * Does in a window what a person does who has a dangerous change of examples/goose split into migrations: takes the
 * quick fix, says what it asks, reads the preview of all files, applies it, and takes all of it back by one undo.
 */
export async function walkThroughRewrite(
  server: CodeServer,
  browser: Browser,
  home: string,
): Promise<Results> {
  const folder = join(home, 'webshop');
  cpSync(resolve('examples/goose'), folder, { recursive: true });
  const migrations = join(folder, 'migrations');
  const before = readFolder(migrations);
  const page = await browser.newPage({ viewport: { width: 1280, height: 1000 } });
  page.setDefaultTimeout(30_000);
  return walk(page, [
    ['a migration with a dangerous change is opened', () => openMigration(page, server, folder, migration)],
    ['the quick fix asks what the old rows are to have', () => takeQuickFix(page)],
    ['answered, it shows all files before it makes them', () => readPreview(page, migrations, before)],
    ['applied and saved, all phases are on disk', () => applyAll(page, migrations)],
    ['one undo takes all of it back', () => undoAll(page, migrations, before)],
  ]);
}

async function takeQuickFix(page: Page): Promise<void> {
  await page.locator('.view-line', { hasText: statement }).click();
  await page.keyboard.press('End');
  for (const _ of 'NULL') await page.keyboard.press('ArrowLeft');
  await openQuickFixes(page, title);
  await quickFix(page, title).click();
  await page.locator('.quick-input-widget', { hasText: 'What are the rows of customers to have' }).waitFor();
}

async function readPreview(page: Page, migrations: string, before: Files): Promise<void> {
  await page.keyboard.type("'basic'");
  await page.keyboard.press('Enter');
  const file = (name: string) => page.locator('#refactorPreview .monaco-list-row', { hasText: name });
  for (const name of [migration, ...made]) {
    const checked = await file(name).first().locator('.monaco-checkbox, input').first().isChecked();
    if (!checked) throw new Error(`${name} would be left out`);
  }
  expectFiles(migrations, before);
}

async function applyAll(page: Page, migrations: string): Promise<void> {
  await page.locator('#refactorPreview').getByText('Apply', { exact: true }).click();
  // What is not saved VS Code opens by itself, a moment later.
  for (const name of made) await page.locator('.tab', { hasText: name }).waitFor();
  await saveAll(page);
  const files = readFolder(migrations);
  const phases = [migration, ...made].map((name) => files.get(name) ?? `no file ${name}`);
  phases.forEach((text, i) => {
    const phase = `-- Add loyalty_tier to customers. Phase ${i + 1} of ${phases.length}`;
    if (!text.includes(phase)) throw new Error(`no "${phase}":\n${text}`);
  });
  if (!phases.some((text) => text.includes("'basic'"))) throw new Error('the answer is in none of the files');
}

async function undoAll(page: Page, migrations: string, before: Files): Promise<void> {
  await page.locator('.tab', { hasText: migration }).click();
  await page.keyboard.press('Control+z');
  for (const name of made) await inExplorer(page, name).waitFor({ state: 'detached' });
  await saveAll(page);
  expectFiles(migrations, before);
}

/** Name → text. */
type Files = ReadonlyMap<string, string>;

function readFolder(folder: string): Files {
  return new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
}

function expectFiles(folder: string, wanted: Files): void {
  const found = readFolder(folder);
  const names = new Set([...wanted.keys(), ...found.keys()]);
  const differ = [...names].filter((name) => wanted.get(name) !== found.get(name));
  if (differ.length > 0) throw new Error(`not as before: ${differ.join(', ')}`);
}
