import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The licences of the packages whose files are in a bundle, as one text, in order of their names.
 * `inputs` are the bundle's source files, relative to `root`. A package without a licence stops the build.
 */
export function notices(root, inputs) {
  const packages = new Set(inputs.flatMap((input) => packageFolder(input) ?? []));
  const parts = [...packages].sort().map((folder) => notice(join(root, folder)));
  return `Skein contains the following packages.\n\n${parts.join('\n')}`;
}

/** "node_modules/@a/b/lib/c.js" → "node_modules/@a/b"; the innermost one when packages are nested. */
function packageFolder(input) {
  const match = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input);
  return match?.[0];
}

function notice(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
  if (license === undefined && file === undefined) throw new Error(`${name} ${version} names no licence`);
  const text = file === undefined ? '' : readFileSync(join(folder, file), 'utf8');
  return `${'='.repeat(80)}\n${name} ${version} (${license ?? 'see below'})\n\n${text.trim()}\n`;
}
