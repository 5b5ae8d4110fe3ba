import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const usualPlaces = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** A headless Chromium that looks up no name but this machine's. SKEIN_CHROMIUM says where it is, if not where Debian puts it. */
export function launchChromium(): Promise<Browser> {
  const executablePath = process.env.SKEIN_CHROMIUM ?? usualPlaces.find((path) => existsSync(path));
  if (executablePath === undefined) {
    throw new Error('No Chromium found: apt-get install chromium, or name one in SKEIN_CHROMIUM.');
  }
  return chromium.launch({
    executablePath,
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1',
    ],
  });
}
