/** A real browser for tests: finds Chromium, installs Debian's where it may, or says how to get it. */
import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { type Browser, launch } from 'puppeteer-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** An installation downloads about 100 MB. */
export const CHROMIUM_TIMEOUT_MS = 300_000;

const isRoot = process.getuid?.() === 0;

/** Starts a browser without a window. Close it. */
export async function launchChromium(): Promise<Browser> {
  return launch({
    executablePath: await chromiumPath(),
    // Chromium's sandbox refuses root; the pages that tests open are our own.
    args: ['--disable-dev-shm-usage', ...(isRoot ? ['--no-sandbox'] : [])],
  });
}

/** Where Chromium is: as `CHROMIUM` says, on the PATH, or newly installed. */
export async function chromiumPath(): Promise<string> {
  const known = process.env['CHROMIUM'] ?? findChromium();
  if (known !== undefined) return known;
  if (!isRoot || find('apt-get') === undefined) throw new Error(missing('and this user may not install it'));
  try {
    await installChromium();
  } catch (error) {
    throw new Error(missing('and installing it failed'), { cause: error });
  }
  const installed = findChromium();
  if (installed === undefined) throw new Error(missing('although it was just installed'));
  return installed;
}

function findChromium(): string | undefined {
  return NAMES.map(find).find((path) => path !== undefined);
}

function find(name: string): string | undefined {
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/** Under a lock: tests of other processes may want it at the same moment. */
async function installChromium(): Promise<void> {
  const install = 'apt-get install -y -qq --no-install-recommends chromium';
  const script = `command -v chromium || ${install} || { apt-get update -qq && ${install}; }`;
  await promisify(execFile)('flock', [join(tmpdir(), 'timeband-chromium.lock'), 'sh', '-c', script], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    timeout: CHROMIUM_TIMEOUT_MS,
    maxBuffer: 16 * 1024 * 1024,
  });
}

function missing(why: string): string {
  return (
    `no Chromium on this machine (looked for ${NAMES.join(', ')}), ${why}. ` +
    'Install it (Debian: apt-get install chromium), or set CHROMIUM to the path of one.'
  );
}
