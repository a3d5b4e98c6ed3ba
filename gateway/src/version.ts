/** The gateway's version, as the program says it and as its own log does: of the package, or of the checkout. */
import { readFileSync } from 'node:fs';

export const VERSION = versionIn('../RELEASE.json') ?? versionIn('../package.json') ?? 'unknown';

/** Of a file beside `dist`, which a package has and a checkout need not have. */
function versionIn(path: string): string | undefined {
  try {
    const { version } = JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')) as {
      readonly version?: unknown;
    };
    return typeof version === 'string' ? version : undefined;
  } catch {
    return undefined;
  }
}
