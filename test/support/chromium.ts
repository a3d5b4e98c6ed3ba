/** A real browser for tests. */
import { type Browser, launch } from 'puppeteer-core';
import { type DebianProgram, ensureDebian, INSTALL_TIMEOUT_MS, isRoot } from './debian.js';

const CHROMIUM: DebianProgram = {
  names: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
  debianPackage: 'chromium',
  variable: 'CHROMIUM',
};

export const CHROMIUM_TIMEOUT_MS = INSTALL_TIMEOUT_MS;

/** Starts a browser without a window. Close it. */
export async function launchChromium(): Promise<Browser> {
  return launch({
    executablePath: await chromiumPath(),
    // Chromium's sandbox refuses root; the pages that tests open are our own.
    args: ['--disable-dev-shm-usage', ...(isRoot ? ['--no-sandbox'] : [])],
  });
}

/** Where Chromium is: as `CHROMIUM` says, on the PATH, or newly installed. */
export function chromiumPath(): Promise<string> {
  return ensureDebian(CHROMIUM);
}
